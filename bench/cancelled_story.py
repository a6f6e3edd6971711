"""Finds the sale that each line of a C invoice undoes, sends it to the API, and accounts for every line and penny."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bench.cancelled_sales import MONEY, Back, Sale, Year
from orderwerk.core import sql

Send = Callable[[str, Sequence[Any], str], list[dict[str, Any]]]
_ITEMS = 50
# Neither goods nor money back to a customer: samples, the bank's and the marketplace's fees, charity, bad debt.
_SERVICES = frozenset({"S", "B", "CRUK", "BANK CHARGES", "AMAZONFEE"})
_PENNY = Decimal("0.01")


@dataclass
class Story:
    """What became of the pieces of every line: by line number, counted by outcome; and what was sent."""

    fates: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sent: Counter[str] = field(default_factory=Counter)
    credited: int = 0

    def park(self, back: Back, pieces: int, reason: str) -> None:
        """Note pieces that fit no sale, and why."""
        if pieces:
            self.fates[back.line][f"parked: {reason}"] += pieces


@dataclass
class _Box:
    """What came back of one order with one C invoice."""

    order: str
    lines: list[dict[str, Any]] = field(default_factory=list)
    parts: list[tuple[Back, int]] = field(default_factory=list)


def replay(year: Year, send: Send) -> Story:
    """Send every line: goods as returns with their credit, the rest as credits of an amount."""
    story = Story()
    boxes: dict[tuple[str, str], _Box] = {}
    money = []
    for back in sorted(year.backs, key=lambda b: (b.at, b.line)):
        reason = _no_sale(back)
        if reason:
            story.park(back, back.pieces, reason)
        elif back.sku in MONEY:
            money.append(back)
        else:
            _match(year, back, boxes, story)
    _send_boxes(year, list(boxes.values()), send, story)
    _send_money(money, send, story)
    return story


def _no_sale(back: Back) -> str:
    if back.sku.upper() in _SERVICES:
        return "service_code"
    if not back.customer:
        return "no_customer"
    if back.price != back.price.quantize(_PENNY):
        return "too_many_decimals"
    return ""


def _match(year: Year, back: Back, boxes: dict[tuple[str, str], _Box], story: Story) -> None:
    """Take the pieces from the newest sales before: at the same price first, then at a higher one, with a correction."""
    known = [sale for sale in year.sales.get((back.customer, back.sku), []) if sale.at <= back.at]
    fitting = [sale for sale in known if sale.price >= back.price]
    fitting.sort(key=lambda sale: (sale.price != back.price, -sale.at.timestamp()))
    left = back.pieces
    for sale in fitting:
        part = min(left, sale.left)
        if part:
            left -= part
            sale.left -= part
            box = boxes.setdefault((back.invoice, sale.order), _Box(sale.order))
            box.parts.append((back, part))
            box.lines.append(_line(sale, back, part))
    story.park(back, left, "more_than_sold" if fitting else "sold_for_less" if known else "never_sold")  # fmt: skip


def _line(sale: Sale, back: Back, pieces: int) -> dict[str, Any]:
    line = {"order_line_id": sale.order_line_id, "quantity": pieces, "reason": "other", "restock": True}  # fmt: skip
    if sale.price != back.price:
        line["correction"] = f"{(back.price - sale.price) * pieces:.2f}"
    return line


def _send_boxes(year: Year, boxes: list[_Box], send: Send, story: Story) -> None:
    for start in range(0, len(boxes), _ITEMS):
        batch = boxes[start : start + _ITEMS]
        items = [{"order_id": year.order_ids[box.order], "lines": box.lines} for box in batch]
        results = send("returns/create", items, f"returns-{start}")
        for box, result in zip(batch, results, strict=True):
            fate = _word(result, "returned and credited")
            story.sent[f"returns/create {fate}"] += 1
            for back, pieces in box.parts:
                story.fates[back.line][fate] += pieces
            story.credited += sum(_minor(c["amount"]) for c in result.get("credit_invoices", []))


_DEBITS = """
select o.customer_external_id, v.id::text, o.placed_at, v.gross_minor - v.credited_minor, o.shipping_tax_rate
from invoices_invoice v join orders_order o on o.id = v.order_id where v.kind = 'debit' order by o.placed_at desc, v.id
"""


def _send_money(backs: list[Back], send: Send, story: Story) -> None:
    """Credit each amount, VAT included, on the customer's newest invoice before that has as much left."""
    debits: dict[str, list[list[Any]]] = defaultdict(list)
    for customer, *facts in sql.fetch(_DEBITS):
        debits[customer].append(facts)
    for back in backs:
        for debit in debits[back.customer]:
            amount = (back.price * back.pieces * (100 + debit[3]) / 100).quantize(_PENNY, ROUND_HALF_UP)  # fmt: skip
            if debit[1] <= back.at and 0 < amount * 100 <= debit[2]:
                break
        else:
            story.park(back, back.pieces, "no_invoice_left")
            continue
        item = {"invoice_id": debit[0], "reason": f"{back.invoice} {back.sku}", "amount": f"{amount:.2f}"}  # fmt: skip
        [result] = send("invoices/credit", [item], f"credit-{back.line}")
        fate = _word(result, "credited by amount")
        story.sent[f"invoices/credit {fate}"] += 1
        story.fates[back.line][fate] += back.pieces
        if result["ok"]:
            debit[2] -= int(amount * 100)
            story.credited += int(amount * 100)


def _word(result: dict[str, Any], done: str) -> str:
    if result["ok"]:
        return done
    found = result["error"].get("errors") or [{"code": result["error"]["type"]}]
    return f"refused: {found[0]['code']}"


def _minor(text: str) -> int:
    return int(Decimal(text) * 100)


def tell(year: Year, story: Story) -> bool:
    """Print what became of the lines and say whether all adds up: in pieces, in documents and in money."""
    pieces: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for fates in story.fates.values():
        pieces += fates
        lines["; ".join(sorted(fates))] += 1
    invoices = {back.invoice for back in year.backs}
    print(f"{len(invoices):,} C invoices, {len(year.backs):,} lines, {sum(b.pieces for b in year.backs):,} pieces")  # fmt: skip
    for name, count in lines.most_common():
        print(f"  {count:>8,} lines  {name}")
    for name, count in pieces.most_common():
        print(f"  {count:>8,} pieces {name}")
    for name, count in story.sent.most_common():
        print(f"  {count:>8,} sent   {name}")
    return all(_holds(name, proof) for name, proof in _proofs(year, story, pieces).items())


def _holds(name: str, proof: bool) -> bool:  # noqa: FBT001 - a fact
    print(f"  {'yes' if proof else 'NO':<4}{name}")
    return proof


def _proofs(year: Year, story: Story, pieces: Counter[str]) -> dict[str, bool]:
    [(returned, credited, over)] = sql.fetch(
        "select (select coalesce(sum(returned), 0) from orders_line), (select coalesce(sum(credited_minor), 0) from orders_order), "
        "(select count(*) from orders_order where credited_minor > invoiced_minor or credited_minor > captured_minor)"
    )
    return {
        "every line is accounted for, with all its pieces": all(
            sum(story.fates[back.line].values()) == back.pieces for back in year.backs
        ),
        "what the API took is what came back": returned == pieces["returned and credited"],
        "what the API answered is what was credited": credited == story.credited,
        "no order was credited above what was invoiced and came in": over == 0,
    }

"""Serial numbers at the dock: only a piece that left with the order comes back as such, and each comes back once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound

_OUT = """
select s.order_id, s.product_id, s.serial, s.id from shipments_serial s join shipments_shipment h on h.id = s.shipment_id
where s.order_id = any(%s) and s.returned_at is null and h.status in ('shipped', 'delivered') order by s.serial
"""
# How many pieces of what an order line brings: itself, or the components that it was sold with; and how many are out.
_PIECES = """
select l.order_id, l.id, coalesce(c.product_id, l.product_id), coalesce(c.per_kit, 1), coalesce(c.shipped, l.shipped) - l.returned * coalesce(c.per_kit, 1)
from orders_line l left join orders_component c on c.order_line_id = l.id where l.order_id = any(%s) order by 2, 3
"""


@dataclass(slots=True)
class CameBack:
    """What one return takes so far: recorded numbers by id, and pieces without one per order and product."""

    ids: set[UUID] = field(default_factory=set)
    plain: Counter[tuple[UUID, UUID]] = field(default_factory=Counter)


class SerialsOf:
    """Which pieces of orders are with their customers, by serial number; and how many others, which left without one."""

    def __init__(self, order_ids: Sequence[UUID]) -> None:
        """Read them; one statement, and another one where there are any."""
        self._out: dict[tuple[UUID, UUID], dict[str, tuple[UUID, str]]] = {}
        for order, product, serial, key in sql.fetch(_OUT, (list(order_ids),)):
            self._out.setdefault((order, product), {})[serial.upper()] = (key, serial)
        self._products: dict[UUID, list[tuple[UUID, UUID, int]]] = {}
        self._plain: Counter[tuple[UUID, UUID]] = Counter()
        pieces = sql.fetch(_PIECES, (list(order_ids),)) if self._out else []
        for order, line, product, per_kit, out in pieces:
            if (order, product) in self._out:
                self._products.setdefault(line, []).append((order, product, per_kit))
                self._plain[(order, product)] += out
        for place, serials in self._out.items():
            self._plain[place] = max(0, self._plain[place] - len(serials))

    def out(self, line_id: UUID) -> list[str]:
        """Return the numbers of an order line's pieces that may come back."""
        return [
            serial
            for order, product, _ in self._products.get(line_id, [])
            for _, serial in self._out[(order, product)].values()
        ]

    def choose(
        self, line_id: UUID, quantity: int, serials: Sequence[str], taken: CameBack, pointer: str
    ) -> list[UUID]:
        """Return which recorded pieces came back, and note them in `taken`.

        Refuses with NotFound a number that did not leave with the order or is back already, with LimitExceeded more numbers than
        pieces, with BadInput pieces whose number is not named though all that left have one.
        """
        products = self._products.get(line_id, [])
        named: Counter[UUID] = Counter()
        chosen: list[UUID] = []
        for n, serial in enumerate(serials):
            found = self._find(products, serial, taken)
            if found is None:
                raise NotFound(
                    f"Serial number {serial} did not leave with this order, or is back already.",
                    code="serial_not_shipped",
                    pointer=f"{pointer}/serials/{n}",
                )
            product, key = found
            taken.ids.add(key)
            chosen.append(key)
            named[product] += 1
        for order, product, per_kit in products:
            unnamed = quantity * per_kit - named[product]
            if unnamed < 0:
                raise LimitExceeded(
                    "More serial numbers than pieces came back.",
                    code="too_many_serials",
                    pointer=f"{pointer}/serials",
                )
            taken.plain[(order, product)] += unnamed
            if taken.plain[(order, product)] > self._plain[(order, product)]:
                raise BadInput(
                    "Its pieces left by serial number: say which of them came back.",
                    code="serial_required",
                    pointer=f"{pointer}/serials",
                )
        return chosen

    def _find(
        self, products: Sequence[tuple[UUID, UUID, int]], serial: str, taken: CameBack
    ) -> tuple[UUID, UUID] | None:
        for order, product, _ in products:
            found = self._out[(order, product)].get(serial.upper())
            if found is not None and found[0] not in taken.ids:
                return product, found[0]
        return None

    def use(self, taken: CameBack) -> None:
        """Take what one return takes as gone for the next one of the call."""
        for serials in self._out.values():
            for key in [each for each, (found, _) in serials.items() if found in taken.ids]:
                del serials[key]
        for place, pieces in taken.plain.items():
            self._plain[place] -= pieces

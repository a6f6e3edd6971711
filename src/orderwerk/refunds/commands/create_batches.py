"""Makes files for the bank: approved refunds that a person transfers, one SEPA file per shop, each refund in one file only."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, ids, numbering, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.refunds.events import REFUND_SUBMITTED, TRANSFER_BATCH_CREATED
from orderwerk.refunds.moving import (
    Change,
    RefundState,
    check_still_there,
    known,
    lock_refunds,
    move_refunds,
)
from orderwerk.refunds.sepa import Party, Transfer, checked_iban, credit_transfer_file

_INSERT = """
insert into refunds_batch (id, number, shop_id, created_at, created_by, transfers, total_minor, content, sha256, downloaded_by)
select t.id, t.number, t.shop_id, %s, %s, t.transfers, t.total, t.content, sha256(t.content), ''
from unnest(%s::uuid[], %s::text[], %s::uuid[], %s::int[], %s::bigint[], %s::bytea[])
  as t(id, number, shop_id, transfers, total, content)
"""


_LINK = """
update refunds_refund r set batch_id = t.batch from unnest(%s::uuid[], %s::uuid[]) as t(id, batch) where r.id = t.id
"""
_TRANSFERS = """
insert into refunds_transfer (id, batch_id, refund_id, attempt, amount_minor)
select t.id, r.batch_id, r.id, r.attempts, r.amount_minor from unnest(%s::uuid[], %s::uuid[]) as t(id, refund_id)
join refunds_refund r on r.id = t.refund_id
"""


class BankTransferItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A refund that is to be transferred by bank."""

    refund_id: UUID


@dataclass(frozen=True, slots=True)
class _Payer:
    """A shop as its bank knows it."""

    code: str
    party: Party
    timezone: str


def create_transfer_batches(items: Sequence[BankTransferItem], *, actor: Actor) -> list[Outcome]:
    """Make one file for the bank per shop; the refunds count as handed over, and are noted as paid when the bank has done it.

    Refuses with NotFound, with WrongState what is not approved, was charged back meanwhile, goes through a provider, has no bank account, is not in euros
    or stands in a file already, with BadInput a shop without an IBAN of its own.
    """
    return retrying(lambda: _create(items, actor))


def _create(items: Sequence[BankTransferItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    chosen: dict[UUID, RefundState] = {}
    taken: Counter[UUID] = Counter()
    with unit_of_work(actor) as unit:
        states = lock_refunds(unit, [item.refund_id for item in items])
        payers = _payers({state.shop_id for state in states.values()})
        for item in items:
            try:
                refund = _check(known(states, item.refund_id), chosen, taken)
                _payer(payers, refund)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            # Those that were handed over before are counted where they are read.
            taken[refund.payment_id] += refund.amount if refund.status == "approved" else 0
            chosen[refund.id] = refund
            outcomes.append(Outcome.done(refund.id))
        batches = _write(unit, chosen, payers)
    return [
        Outcome.done(o.id, batch=batches[chosen[o.id].shop_id][1], batch_id=batches[chosen[o.id].shop_id][0])
        if o.ok and o.id
        else o
        for o in outcomes
    ]  # fmt: skip


def _check(
    refund: RefundState, chosen: dict[UUID, RefundState], taken: Counter[UUID]
) -> RefundState:
    # What stays in the shop is never paid out; its next step gives store credit.
    waits = refund.status == "approved" and refund.account_id is None and not refund.stays_in_shop
    if refund.id in chosen or not (waits or (refund.status, refund.via) == ("submitted", "manual")):
        raise WrongState(
            f"Refund {refund.number} is not one that a person is to transfer now.",
            code="not_by_hand",
        )
    check_still_there(refund, taken[refund.payment_id])
    if refund.batch_id is not None:
        raise WrongState(f"Refund {refund.number} stands in a file already.", code="in_a_batch")
    if not refund.iban or refund.currency != "EUR":
        raise WrongState(
            f"Refund {refund.number} needs a bank account and the euro for a SEPA transfer.",
            code="no_account",
        )
    return refund


def _payers(shop_ids: set[UUID]) -> dict[UUID, _Payer | Refusal]:
    rows = sql.fetch(
        "select id, code, name, legal ->> 'name', legal ->> 'iban', timezone from shops_shop where id = any(%s)",
        (list(shop_ids),),
    )
    found: dict[UUID, _Payer | Refusal] = {}
    for key, code, name, legal_name, iban, timezone in rows:
        try:
            found[key] = _Payer(code, Party(legal_name or name, checked_iban(iban or "")), timezone)
        except Refusal:
            found[key] = BadInput(
                f"Shop {code} has no IBAN of its own; enter it in the shop's settings.",
                code="shop_iban_missing",
            )
    return found


def _payer(payers: dict[UUID, _Payer | Refusal], refund: RefundState) -> _Payer:
    found = payers[refund.shop_id]
    if isinstance(found, Refusal):
        raise found
    return found


def _write(
    unit: UnitOfWork, chosen: dict[UUID, RefundState], payers: dict[UUID, _Payer | Refusal]
) -> dict[UUID, tuple[UUID, str]]:
    by_shop: dict[UUID, list[RefundState]] = defaultdict(list)
    for refund in chosen.values():
        by_shop[refund.shop_id].append(refund)
    numbers = numbering.next_numbers("refunds_batch_number", len(by_shop))
    made = {
        shop_id: (ids.new_id(), f"SEPA{number}")
        for shop_id, number in zip(by_shop, numbers, strict=True)
    }
    now = clock.now()
    rows: list[dict[str, Any]] = [
        {
            "id": key, "number": number, "shop_id": shop_id, "transfers": len(by_shop[shop_id]),
            "total_minor": sum(r.amount for r in by_shop[shop_id]),
        }
        for shop_id, (key, number) in made.items()
    ]  # fmt: skip
    files = [
        _file(number, _payer(payers, by_shop[shop_id][0]), by_shop[shop_id])
        for shop_id, (_, number) in made.items()
    ]
    sql.execute(
        _INSERT,
        (
            now, unit.actor.name, [row["id"] for row in rows], [row["number"] for row in rows], [row["shop_id"] for row in rows],
            [row["transfers"] for row in rows], [row["total_minor"] for row in rows], files,
        ),
    )  # fmt: skip
    fresh = [
        Change(r, "submitted", via="manual") for r in chosen.values() if r.status == "approved"
    ]
    move_refunds(unit, REFUND_SUBMITTED, fresh)
    batches = [made[r.shop_id][0] for r in chosen.values()]
    sql.execute(_LINK, (list(chosen), batches))
    sql.execute(_TRANSFERS, (ids.new_ids(len(chosen)), list(chosen)))
    for row in rows:
        data = {
            "number": row["number"],
            "transfers": row["transfers"],
            "amount_minor": row["total_minor"],
        }
        unit.record(TRANSFER_BATCH_CREATED, Subject("transfer_batch", row["id"], None, None, row["shop_id"]), STILL, data)  # fmt: skip
    return made


def _file(number: str, payer: _Payer, refunds: Sequence[RefundState]) -> bytes:
    now = clock.now()
    transfers = [
        Transfer(r.number, Party(r.holder, r.iban), r.amount, f"{payer.party.name} {r.order_number} {r.number}")
        for r in sorted(refunds, key=lambda r: r.number)
    ]  # fmt: skip
    day = clock.business_date(now, payer.timezone)
    return credit_transfer_file(f"{number}-{payer.code}"[:35], now, day, payer.party, transfers)

"""Reads of files for the bank, and the file itself, which is always the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import clock, keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.core.typesetting import Document
from orderwerk.core.uow import unit_of_work
from orderwerk.orders.visibility import limit_to_shops


class BatchRow(msgspec.Struct, frozen=True):
    """One file for the bank, in cents of the euro; `open_transfers` are not yet noted as paid or failed.

    `blanked_at`: since when it tells of nobody any more.
    """

    id: UUID
    number: str
    shop: str
    created_at: datetime
    created_by: str
    transfers: int
    total_minor: int
    open_transfers: int
    downloaded_at: datetime | None
    downloaded_by: str
    blanked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFilters:
    """What the list of files is narrowed to."""

    shop: str | None = None


_OTHERS = {
    "shop": "s.code",
    "open_transfers": "(select count(*) from refunds_refund r where r.batch_id = b.id and r.status = 'submitted')",
}
_COLUMNS = ", ".join(_OTHERS.get(name, f"b.{name}") for name in BatchRow.__struct_fields__)
_SOURCE = "refunds_batch b join shops_shop s on s.id = b.shop_id"
_SORT = keyset.sortings(id=(("b.id", "uuid"),))["-id"]


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_shops(where, actor, "b.shop_id")
    return where


def batch_page(
    actor: Actor, filters: BatchFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[BatchRow]:
    """Return one page of files, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, {"shop": "s.code = %s"})
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([BatchRow(*row) for row in rows], more)


def batch_detail(actor: Actor, batch_id: UUID) -> BatchRow:
    """Return one file's facts; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("b.id = %s", batch_id)
    rows, _ = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no file {batch_id}.", code="unknown_batch")
    return BatchRow(*rows[0])


def batch_file(batch_ids: Sequence[UUID], *, actor: Actor) -> Document:
    """Return the file for the bank, and note who took it first.

    Refuses with NotFound, and with WrongState one whose names and accounts are gone.
    """
    row = batch_detail(actor, batch_ids[0])
    if row.blanked_at is not None:
        raise WrongState(
            f"The term of the law is over: of file {row.number} the figures are kept, not whom it paid.",
            code="document_blanked",
        )
    with unit_of_work(actor):
        sql.execute(
            "update refunds_batch set downloaded_at = %s, downloaded_by = %s where id = %s and downloaded_at is null",
            (clock.now(), actor.name, row.id),
        )
    [(content,)] = sql.fetch("select content from refunds_batch where id = %s", (row.id,))
    return Document(f"{row.number}.xml", bytes(content))

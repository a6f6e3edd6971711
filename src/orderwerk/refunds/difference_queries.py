"""Reads of differences and reconciliations."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_shops, uuid_list
from orderwerk.refunds.adopting import OF_LOCATIONS
from orderwerk.refunds.statuses import DifferenceStatus


class DifferenceRow(msgspec.Struct, frozen=True):
    """One thing on which a provider and we do not agree; amounts in minor units of `currency`."""

    id: UUID
    shop: str
    provider: str
    kind: str
    status: str
    reference: str
    payment_id: UUID | None
    payment_reference: str | None
    order_id: UUID | None
    order_number: str | None
    refund_id: UUID | None
    refund_number: str | None
    currency: str
    ours_minor: int | None
    theirs_minor: int | None
    ours: str
    theirs: str
    happened_at: datetime
    found_at: datetime
    note: str
    resolved_by: str
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceFilters:
    """What the list of differences is narrowed to."""

    status: str | None = None
    kind: str | None = None
    shop: str | None = None
    order_id: UUID | None = None


_OTHERS = {
    "shop": "s.code", "provider": "a.provider", "payment_reference": "p.reference", "order_id": "p.order_id",
    "order_number": "o.number", "refund_number": "r.number",
}  # fmt: skip
_COLUMNS = ", ".join(_OTHERS.get(name, f"d.{name}") for name in DifferenceRow.__struct_fields__)
_SOURCE = (
    "refunds_difference d join payments_account a on a.id = d.account_id join shops_shop s on s.id = d.shop_id "
    "left join payments_payment p on p.id = d.payment_id left join orders_order o on o.id = p.order_id "
    "left join refunds_refund r on r.id = d.refund_id"
)
_CONDITIONS = {
    "status": "d.status = %s",
    "kind": "d.kind = %s",
    "shop": "s.code = %s",
    "order_id": "p.order_id = %s",
}
_SORT = keyset.sortings(id=(("d.id", "uuid"),))["-id"]


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_shops(where, actor, "d.shop_id")
    if actor.location_ids is not None:
        where.add(OF_LOCATIONS, uuid_list(actor.location_ids))
    return where


def difference_page(
    actor: Actor, filters: DifferenceFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[DifferenceRow]:
    """Return one page of differences, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([DifferenceRow(*row) for row in rows], more)


def difference_detail(actor: Actor, difference_id: UUID) -> DifferenceRow:
    """Return one difference; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("d.id = %s", difference_id)
    rows, _ = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no difference {difference_id}.", code="unknown_difference")
    return DifferenceRow(*rows[0])


def difference_tab_counts(actor: Actor, shop: str | None = None) -> dict[str, int]:
    """Return how many differences stand in each status; one statement."""
    where = _visible(actor)
    if shop is not None:
        where.add("d.shop_id = (select id from shops_shop where code = %s)", shop)
    rows = sql.read(
        f"select d.status, count(*) from refunds_difference d where {where.where()} group by d.status",
        where.params,
    )
    return dict.fromkeys(DifferenceStatus.values, 0) | dict(rows)


class ReconciliationRow(msgspec.Struct, frozen=True):
    """One day of one account, as we and the provider count what went back and came in; `…_foreign` what is in another currency.

    `…_paid…` is None of days that were compared before payments were counted; `not_asked`: see Reconciliation.
    """

    id: UUID
    shop: str
    provider: str
    day: date
    ran_at: datetime
    currency: str
    ours_count: int
    ours_minor: int
    theirs_count: int
    theirs_minor: int
    ours_foreign: int
    theirs_foreign: int
    ours_paid_count: int | None
    ours_paid_minor: int | None
    ours_paid_foreign: int | None
    theirs_paid_count: int | None
    theirs_paid_minor: int | None
    theirs_paid_foreign: int | None
    not_asked: int
    found: int

    @property
    def agrees(self) -> bool:
        """Whether both sides count the same, all were asked for, and nothing was found to differ."""
        ours = (self.ours_count, self.ours_minor, self.ours_foreign)
        paid = (self.ours_paid_count, self.ours_paid_minor, self.ours_paid_foreign)
        return (
            self.found == self.not_asked == 0
            and ours == (self.theirs_count, self.theirs_minor, self.theirs_foreign)
            and paid == (self.theirs_paid_count, self.theirs_paid_minor, self.theirs_paid_foreign)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationFilters:
    """What the list of reconciliations is narrowed to."""

    shop: str | None = None


_DAY_OTHERS = {"shop": "s.code", "provider": "a.provider"}
_DAY_COLUMNS = ", ".join(
    _DAY_OTHERS.get(name, f"x.{name}") for name in ReconciliationRow.__struct_fields__
)
_DAY_SOURCE = "refunds_reconciliation x join payments_account a on a.id = x.account_id join shops_shop s on s.id = x.shop_id"
_DAY_SORT = keyset.sortings(id=(("x.id", "uuid"),))["-id"]


def reconciliation_page(
    actor: Actor, filters: ReconciliationFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ReconciliationRow]:
    """Return one page of reconciled days, newest first; one statement."""
    where = Conditions()
    limit_to_shops(where, actor, "x.shop_id")
    where.narrow(filters, {"shop": "s.code = %s"})
    rows, more = keyset.fetch_page(
        Select(_DAY_COLUMNS, _DAY_SOURCE, where), _DAY_SORT, cursor, limit
    )
    return Page([ReconciliationRow(*row) for row in rows], more)


def reconciliation_detail(actor: Actor, reconciliation_id: UUID) -> ReconciliationRow:
    """Return one reconciled day; one statement. Refuses with NotFound."""
    where = Conditions()
    limit_to_shops(where, actor, "x.shop_id")
    where.add("x.id = %s", reconciliation_id)
    rows, _ = keyset.fetch_page(Select(_DAY_COLUMNS, _DAY_SOURCE, where), _DAY_SORT, None, 1)
    if not rows:
        raise NotFound(
            f"There is no reconciliation {reconciliation_id}.", code="unknown_reconciliation"
        )
    return ReconciliationRow(*rows[0])


def matching_refunds(actor: Actor, difference: DifferenceRow) -> list[tuple[UUID, str, str]]:
    """Return the refunds of ours that a difference may be, as (id, number, status); one statement."""
    where = Conditions()
    limit_to_shops(where, actor, "r.shop_id")
    where.add(
        "r.payment_id = %s and r.amount_minor = %s", difference.payment_id, difference.theirs_minor
    )
    where.add(
        "r.status in ('awaiting_approval', 'approved', 'submitted') and r.via in ('', 'manual')"
    )
    rows = sql.read(
        f"select r.id, r.number, r.status from refunds_refund r where {where.where()} order by r.id",
        where.params,
    )
    return [(row[0], row[1], row[2]) for row in rows]

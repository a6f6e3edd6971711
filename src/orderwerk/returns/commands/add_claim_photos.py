"""Keeps pictures of what a claim is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.orders.counters import lock_orders_of
from orderwerk.return_requests.commands.add_photos import check_photos
from orderwerk.returns.events import CLAIM_PHOTOS_ADDED


class ClaimPhotosItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Pictures of one claim, as a device made them: JPEG, PNG or WebP, 5 MB each at most; in JSON as base64."""

    claim_id: UUID
    photos: list[bytes]


@dataclass(slots=True)
class _Claim:
    id: UUID
    number: str
    status: str
    order_id: UUID
    shop_id: UUID
    photos: int
    added: int = 0


_READ = """
select c.id, c.number, c.status, c.order_id, c.shop_id, (select count(*) from returns_claim_photo p where p.claim_id = c.id)
from returns_claim c where c.id = any(%s) and c.order_id = any(%s)
"""
_ADD = """
insert into returns_claim_photo (id, shop_id, order_id, claim_id, position, media_type, content)
select t.id, c.shop_id, c.order_id, c.id, t.position, t.media_type, t.content
from unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::bytea[]) as t(id, claim_id, position, media_type, content)
join returns_claim c on c.id = t.claim_id
"""


def add_claim_photos(items: Sequence[ClaimPhotosItem], *, actor: Actor) -> list[Outcome]:
    """Add pictures to open claims, five at most to each.

    Refuses with NotFound, with WrongState a claim that is decided, with LimitExceeded more or larger pictures, with BadInput
    what is no JPEG, PNG or WebP picture.
    """
    return retrying(lambda: _add(items, actor))


def _add(items: Sequence[ClaimPhotosItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    rows: list[tuple[UUID, int, str, bytes]] = []
    with unit_of_work(actor) as unit:
        keys = [item.claim_id for item in items]
        orders = lock_orders_of(unit, "returns_claim", keys)
        found = {row[0]: _Claim(*row) for row in sql.fetch(_READ, (keys, list(orders)))}
        for item in items:
            try:
                claim = _check(found.get(item.claim_id), item)
                kinds = check_photos(item.photos, present=claim.photos)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            for kind, photo in zip(kinds, item.photos, strict=True):
                claim.photos += 1
                claim.added += 1
                rows.append((claim.id, claim.photos, kind, photo))
            outcomes.append(Outcome.done(claim.id, number=claim.number, photos=claim.photos))
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
        sql.execute(_ADD, (ids.new_ids(len(rows)), *columns))
        for claim in found.values():
            if claim.added:
                subject = Subject("claim", claim.id, None, claim.order_id, claim.shop_id)
                unit.record(CLAIM_PHOTOS_ADDED, subject, STILL, {"number": claim.number, "photos": claim.added})  # fmt: skip
    return outcomes


def _check(claim: _Claim | None, item: ClaimPhotosItem) -> _Claim:
    if claim is None:
        raise NotFound("There is no such claim.", code="unknown_claim", pointer="/claim_id")
    if claim.status != "open":
        raise WrongState(f"Claim {claim.number} is {claim.status} already.", code="claim_decided")
    if not item.photos:
        raise BadInput("There is no picture.", code="no_photos", pointer="/photos")
    return claim

"""Keeps the pictures that a customer sends along with a return request."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Subject, retrying, unit_of_work
from orderwerk.return_requests.events import RETURN_PHOTOS_ADDED
from orderwerk.return_requests.moving import RequestState, check_open, lock_requests
from orderwerk.return_requests.pictures import MOST_BYTES, media_type

MOST_PHOTOS = 5


class PhotosItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Pictures of one request, as the customer's device made them: JPEG, PNG or WebP, 5 MB each at most; in JSON as base64."""

    return_request_id: UUID
    photos: list[bytes]


_COUNTS = (
    "select request_id, count(*) from return_requests_photo where request_id = any(%s) group by 1"
)
_ADD = """
insert into return_requests_photo (id, shop_id, order_id, request_id, position, media_type, content)
select t.id, r.shop_id, r.order_id, r.id, t.position, t.media_type, t.content
from unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::bytea[]) as t(id, request_id, position, media_type, content)
join return_requests_request r on r.id = t.request_id
"""
_TOUCH = """
update return_requests_request set version = version + 1 where id = any(%s) returning id, version
"""


def add_photos(items: Sequence[PhotosItem], *, actor: Actor) -> list[Outcome]:
    """Add pictures to open return requests, five at most to each.

    Refuses with NotFound, with WrongState a finished request, with LimitExceeded more or larger pictures, with BadInput
    what is no JPEG, PNG or WebP picture.
    """
    return retrying(lambda: _add(items, actor))


def _add(items: Sequence[PhotosItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    rows: list[tuple[UUID, int, str, bytes]] = []
    changed: dict[UUID, tuple[RequestState, int]] = {}
    with unit_of_work(actor) as unit:
        found = lock_requests(unit, [item.return_request_id for item in items])
        counts: dict[UUID, int] = dict(sql.fetch(_COUNTS, (list(found),)))
        for item in items:
            try:
                state = check_open(found.get(item.return_request_id), "/return_request_id")
                if not item.photos:
                    raise BadInput("There is no picture.", code="no_photos", pointer="/photos")
                kinds = check_photos(item.photos, present=counts.get(state.id, 0))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            first = counts.get(state.id, 0) + 1
            for position, (kind, photo) in enumerate(zip(kinds, item.photos, strict=True), first):
                rows.append((state.id, position, kind, photo))
            counts[state.id] = first - 1 + len(kinds)
            changed[state.id] = (state, changed.get(state.id, (state, 0))[1] + len(kinds))
            outcomes.append(Outcome.done(state.id, number=state.number, photos=counts[state.id]))
        sql.execute(
            _ADD,
            (
                ids.new_ids(len(rows)), [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows],
                [row[3] for row in rows],
            ),
        )  # fmt: skip
        for key, version in sql.fetch(_TOUCH, (list(changed),)):
            state, photos = changed[key]
            subject = Subject("return_request", key, version, state.order_id, state.shop_id)
            unit.record(RETURN_PHOTOS_ADDED, subject, data={"number": state.number, "photos": photos})  # fmt: skip
    return outcomes


def check_photos(photos: Sequence[bytes], *, present: int) -> list[str]:
    """Return the types of pictures that are to join `present` ones; refuses as add_photos does."""
    if present + len(photos) > MOST_PHOTOS:
        raise LimitExceeded(
            f"A return request holds at most {MOST_PHOTOS} pictures.",
            code="too_many_photos",
            pointer="/photos",
        )
    kinds = []
    for index, photo in enumerate(photos):
        kind = media_type(photo)
        if kind is None:
            raise BadInput(
                "This is no JPEG, PNG or WebP picture.", code="not_a_picture", pointer=f"/photos/{index}"
            )  # fmt: skip
        if len(photo) > MOST_BYTES:
            raise LimitExceeded(
                "A picture may be 5 MB at most.", code="photo_too_large", pointer=f"/photos/{index}"
            )
        kinds.append(kind)
    return kinds

"""Pictures of what is claimed: kept with the claim, shown to colleagues, gone when the order is erased."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from orderwerk.core import sql
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.returns.claim_queries import claim_photo, claim_photo_positions
from orderwerk.returns.commands.add_claim_photos import ClaimPhotosItem, add_claim_photos
from tests import build

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff a picture"


def claimed() -> tuple[UUID, UUID]:
    """An order, and a claim of one of its pieces."""
    order = build.shipped(build.world())
    key = build.claim(order).require().id
    assert key is not None
    return order, key


def add(claim: UUID, *photos: bytes) -> Outcome:
    return add_claim_photos(
        [ClaimPhotosItem(claim_id=claim, photos=list(photos))], actor=build.TESTER
    )[0]


def code(outcome: Outcome) -> str:
    assert outcome.error is not None
    return outcome.error.code


def test_pictures_are_kept_in_their_order() -> None:
    _, key = claimed()
    add(key, JPEG, build.png()).require()
    assert add(key, JPEG).require().data["photos"] == 3
    assert claim_photo_positions([key]) == {key: [1, 2, 3]}
    assert claim_photo(key, 2) == ("image/png", build.png())
    with pytest.raises(NotFound):
        claim_photo(key, 4)
    told = sql.fetch("select payload ->> 'photos' from core_event where kind = 'claim.photos_added' order by id")  # fmt: skip
    assert told == [("2",), ("1",)]


@pytest.mark.parametrize(
    ("photos", "why"),
    [([], "no_photos"), ([b"GIF89a"], "not_a_picture"), ([JPEG] * 6, "too_many_photos")],
)
def test_what_is_no_picture_is_refused(photos: Sequence[bytes], why: str) -> None:
    _, key = claimed()
    assert code(add(key, *photos)) == why
    assert claim_photo_positions([key]) == {key: []}


def test_a_decided_claim_and_an_unknown_one_take_none() -> None:
    _, key = claimed()
    decide_claims([DecideClaimItem(claim_id=key, outcome="rejected", note="x")], actor=build.TESTER)[0].require()  # fmt: skip
    assert code(add(key, JPEG)) == "claim_decided"
    assert code(add(uuid4(), JPEG)) == "unknown_claim"


def test_erasing_an_order_takes_the_pictures_of_its_claims_away() -> None:
    order, key = claimed()
    add(key, JPEG).require()
    decide_claims([DecideClaimItem(claim_id=key, outcome="rejected", note="x")], actor=build.TESTER)[0].require()  # fmt: skip
    build.invoice(order)
    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()
    assert claim_photo(key, 1)[1] == b"\0"

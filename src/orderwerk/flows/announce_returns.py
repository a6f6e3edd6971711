"""A customer announces a return with pictures: both are kept, or neither."""

from collections.abc import Sequence
from dataclasses import dataclass

from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.return_requests.commands.add_photos import PhotosItem, add_photos, check_photos
from orderwerk.return_requests.commands.create import ReturnRequestItem, create_return_requests


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedItem:
    """What a customer announces in the portal."""

    request: ReturnRequestItem
    photos: Sequence[bytes] = ()


def announce_returns(items: Sequence[AnnouncedItem], *, actor: Actor) -> list[Outcome]:
    """Announce returns through the portal. Refuses what create_return_requests and add_photos refuse."""
    return retrying(lambda: _announce(items, actor))


def _announce(items: Sequence[AnnouncedItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor):
        outcomes: list[Outcome | None] = []
        good: list[AnnouncedItem] = []
        for item in items:
            try:
                check_photos(item.photos, present=0)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            good.append(item)
            outcomes.append(None)
        made = create_return_requests(
            [g.request for g in good],
            actor=actor,
            origin="portal",
            photos=[len(g.photos) for g in good],
        )
        pictures = [
            PhotosItem(return_request_id=outcome.require().id, photos=list(item.photos))  # type: ignore[arg-type] # done: it has an id
            for item, outcome in zip(good, made, strict=True)
            if outcome.ok and item.photos
        ]
        for added in add_photos(pictures, actor=actor):
            added.require()
        done = iter(made)
    return [next(done) if outcome is None else outcome for outcome in outcomes]

"""Deeds with parcels: packages and boxes, several shipments in one, checked and sent at the packing table, arriving piece by piece."""

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any
from uuid import UUID

from orderwerk.core import clock
from orderwerk.core.outcome import Outcome
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.shipments.commands.combine import (
    CombineShipmentsItem,
    SeparateShipmentItem,
    combine_shipments,
    separate_shipments,
)
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.packing import PackageItem, PackedItem
from tests.build import serial
from tests.histories.life.deeds import Deed, by
from tests.histories.life.reads import Package, Packed, Parcel
from tests.histories.life.story import Story, Wish

WAITING = ("open", "announced")


def some_parcel(story: Story, dice: Random, *statuses: str) -> Any:
    """Any shipment of these statuses, if there is one."""
    found = [p for p in story.snap.all("parcels") if p.status in statuses]
    return dice.choice(found) if found else None


def inside(story: Story, parcel: Parcel) -> list[Packed]:
    """The lines of a shipment."""
    return [x for x in story.snap.of("packed", parcel.order) if x.parcel == parcel.id]


def parcel_of(story: Story, leader: Parcel) -> list[Parcel]:
    """A shipment with those that lie in its parcel."""
    others = [p for p in story.snap.all("parcels") if p.within == leader.id and p.status in WAITING]
    return [leader, *others]


def may_leave(story: Story, parcel: Parcel, going: dict[UUID, int], *, in_part: bool) -> bool:
    """Whether pieces of a shipment may leave as its order, its claims and what travels to it stand."""
    order = story.orders[parcel.order]
    asked = {x.id for x in story.snap.of("lines", order.id) if x.requested}
    busy = any(
        x.status == "picking" or (story.policy.use_pick_lists and going[x.id] > x.picked) or x.line in asked
        for x in inside(story, parcel)
        if x.id in going
    )  # fmt: skip
    waits = not in_part and not parcel.part and any(x.place == parcel.place for x in story.snap.of("travelling", order.id))  # fmt: skip
    return story.is_payable(order.id) and not order.holds and not busy and not waits


def may_go_whole(story: Story, leader: Parcel) -> bool:
    """Whether a shipment may leave with all that lies in its parcel; what lies in another's does not go by itself."""
    return not leader.within and all(
        may_leave(story, p, {x.id: x.quantity for x in inside(story, p)}, in_part=False)
        for p in parcel_of(story, leader)
    )


def left(story: Story, lines: Iterable[Packed], pieces: dict[UUID, int] | None = None) -> None:
    """Take over that lines have left, whole or so many pieces of each."""
    for x in lines:
        n = x.quantity if pieces is None else pieces.get(x.id, 0)
        order = next(o for o in story.orders.values() if any(line.id == x.line for line in o.lines))
        next(line for line in order.lines if line.id == x.line).shipped += n
        story.on_hand[(x.sku, x.place)] -= n


def _combine(story: Story, dice: Random) -> Wish | None:
    found = [p for p in story.snap.all("parcels") if p.status in WAITING]
    if len(found) < 2:
        return None
    doors = Counter((p.place, p.customer) for p in found)
    shared = [p for p in found if doors[(p.place, p.customer)] > 1]
    first = dice.choice(shared if shared and dice.random() < 0.8 else found)
    alike = [p for p in found if p.id != first.id and (p.place, p.customer) == (first.place, first.customer)]  # fmt: skip
    pool = alike if alike and dice.random() < 0.8 else [p for p in found if p.id != first.id]
    others = dice.sample(pool, min(len(pool), dice.randint(1, 2)))
    fits = not first.within and all(
        (p.place, p.customer) == (first.place, first.customer) and not p.within and len(parcel_of(story, p)) == 1
        for p in others
    )  # fmt: skip
    item = CombineShipmentsItem(shipment_ids=[p.id for p in (first, *others)])
    return Wish(item, {"fits": fits})


def _separate(story: Story, dice: Random) -> Wish | None:
    within = [p for p in story.snap.all("parcels") if p.within and p.status in WAITING]
    parcel = dice.choice(within) if within and dice.random() < 0.9 else some_parcel(story, dice, *WAITING, "shipped")  # fmt: skip
    if not parcel:
        return None
    return Wish(SeparateShipmentItem(shipment_id=parcel.id), {"fits": parcel in within})


def _move(story: Story, dice: Random) -> Wish | None:
    parcel = some_parcel(story, dice, *WAITING)
    if not parcel:
        return None
    to = next(code for code in story.world.locations if code != parcel.place)
    wanted: Counter[str] = Counter()
    lines = inside(story, parcel)
    for x in lines:
        wanted[x.sku] += x.quantity
    fits = not story.orders[parcel.order].holds and all(x.status == "allocated" and not x.picked for x in lines)  # fmt: skip
    enough = all(story.snap.free(sku, to) >= n for sku, n in wanted.items())
    return Wish(MoveShipmentItem(shipment_id=parcel.id, location=to), {"fits": fits and enough})


def _fits(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]


def _packages(story: Story, dice: Random, parcel: Parcel) -> list[PackageItem]:
    """Some packages, of which the first may say what lies in it."""
    packages = [
        PackageItem(weight_grams=dice.choice([None, 100, 2500]), box=dice.choice(["", "Small"]), tracking_code=dice.choice(["", f"h{serial()}"]))
        for _ in range(dice.randint(1, 3))
    ]  # fmt: skip
    lines = inside(story, parcel)
    if not lines or dice.random() < 0.5:
        return packages
    line = dice.choice(lines)
    # Now and then more than there is, which nobody can have packed.
    pieces = dice.randint(1, line.quantity + (dice.random() < 0.2))
    contents = [PackedItem(shipment_line_id=line.id, quantity=pieces)]
    return [PackageItem(contents=contents, tracking_code=f"h{serial()}"), *packages[1:]]


def _holds(story: Story, parcel: Parcel, packages: list[PackageItem]) -> bool:
    there = {x.id: x.quantity for x in inside(story, parcel)}
    return all(line.quantity <= there[line.shipment_line_id] for p in packages for line in p.contents)  # fmt: skip


def _told(package: PackageItem) -> tuple[str, int | None, list[str]]:
    holds = sorted(f"{x.shipment_line_id}:{x.quantity}" for x in package.contents)
    return package.box, package.weight_grams, holds


def _coded(package: Package, code: str) -> PackageItem:
    contents = [PackedItem(shipment_line_id=UUID(key), quantity=int(n)) for key, n in (x.split(":") for x in package.holds)]  # fmt: skip
    return PackageItem(box=package.box, weight_grams=package.weight, contents=contents, tracking_code=code)  # fmt: skip


def _set_packages(story: Story, dice: Random) -> Wish | None:
    parcel = some_parcel(story, dice, *WAITING, *WAITING, "shipped")
    if not parcel:
        return None
    there = [p for p in story.snap.of("packages", parcel.order) if p.parcel == parcel.id]
    packages = _packages(story, dice, parcel)
    if parcel.status == "shipped" and dice.random() < 0.5:
        # Only the packages' own codes, which may be told later too; what is told of boxes is as it was.
        packages = [_coded(p, f"h{serial()}") for p in there] or packages
    same = [_told(p) for p in packages] == [(p.box, p.weight, p.holds) for p in there]
    fits = (parcel.status in WAITING or same) and _holds(story, parcel, packages)
    return Wish(UpdateShipmentItem(shipment_id=parcel.id, packages=packages), {"fits": fits})


def _pack(story: Story, dice: Random) -> Wish | None:
    parcel = some_parcel(story, dice, *WAITING)
    if not parcel:
        return None
    held: Counter[str] = Counter()
    for each in parcel_of(story, parcel):
        for x in inside(story, each):
            held[x.sku] += x.quantity
    # Now and then a piece too few, or one too many, is in the box.
    wrong = dice.random() < 0.1
    if wrong:
        held[dice.choice(sorted(held))] += dice.choice([-1, 1])
    contents = [PackedLine(sku=sku, quantity=n) for sku, n in sorted(held.items()) if n]
    if not contents:
        return None
    packages = _packages(story, dice, parcel)
    item = PackItem(shipment_id=parcel.id, contents=contents, packages=packages)
    fits = not wrong and may_go_whole(story, parcel) and _holds(story, parcel, packages)
    return Wish(item, {"fits": fits, "parcel": parcel})


def _packed(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]
    if not outcome.ok:
        return
    parcel = wish.facts["parcel"]
    for each in parcel_of(story, parcel):
        left(story, inside(story, each))

    def look() -> None:
        found = [p for p in story.snap.of("packages", parcel.order) if p.parcel == parcel.id]
        assert len(found) == len(wish.item.packages), "the packages that it left with"

    story.pending.append(look)


def _arrive(story: Story, dice: Random) -> Wish | None:
    gone = {p.id: p for p in story.snap.all("parcels") if p.status in {"shipped", "delivered"}}
    found = [g for g in story.snap.all("packages") if g.parcel in gone and g.code]
    if not found:
        return None
    package = dice.choice(found)
    item = TrackItem(tracking_code=package.code, status="delivered", at=clock.now())
    return Wish(item, {"package": package})


def _arrived(story: Story, wish: Wish, outcome: Outcome) -> None:
    package = wish.facts["package"]
    outcome.require()

    def look() -> None:
        found = [g for g in story.snap.of("packages", package.order) if g.parcel == package.parcel]
        assert all(g.arrived for g in found if g.code == package.code), "a package that has arrived"
        [parcel] = [p for p in story.snap.of("parcels", package.order) if p.id == package.parcel]
        assert (parcel.status == "delivered") is all(g.arrived for g in found), "delivered with the last"  # fmt: skip

    story.pending.append(look)


DEEDS = (
    Deed("combine shipments", 5, _combine, by(combine_shipments), _fits),
    Deed("separate shipment", 2, _separate, by(separate_shipments), _fits),
    Deed("move shipment", 2, _move, by(move_shipments), _fits),
    Deed("set packages", 3, _set_packages, by(update_shipments), _fits),
    Deed("pack", 5, _pack, by(pack_shipments), _packed),
    Deed("package arrives", 3, _arrive, by(track_shipments), _arrived),
)

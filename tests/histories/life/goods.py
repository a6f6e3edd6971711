"""Deeds with goods: placed, held, claimed, moved, picked, short, shipped, tracked, undone, counted."""

from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

from orderwerk.core import clock
from orderwerk.core.outcome import Outcome
from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.close_exceptions import (
    CloseExceptionItem,
    close_delivery_exceptions,
)
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.stock.commands.transfer import TransferItem, transfer_stock_levels
from tests.histories.life.deeds import Deed, anything, by
from tests.histories.life.parcels import (
    inside,
    left,
    may_go_whole,
    may_leave,
    parcel_of,
    some_parcel,
)
from tests.histories.life.story import ModelOrder, Story, Wish

FINISHED = {"shipped", "cancelled"}


def _hold(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    return order and Wish(HoldItem(order_id=order.id, reason="look"), {"order": order})


def _held(story: Story, wish: Wish, outcome: Outcome) -> None:
    order: ModelOrder = wish.facts["order"]
    assert outcome.ok is (story.snap.orders[order.id].status not in FINISHED)
    order.holds += outcome.ok


def _unhold(story: Story, dice: Random) -> Wish | None:
    held = [order for order in story.orders.values() if order.holds]
    order = dice.choice(held) if held and dice.random() < 0.9 else story.some_order(dice)
    return order and Wish(ReleaseOrderItem(order_id=order.id), {"order": order})


def _unheld(story: Story, wish: Wish, outcome: Outcome) -> None:
    order: ModelOrder = wish.facts["order"]
    assert outcome.ok is (order.holds > 0)
    order.holds = 0


def _allocate(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    return order and Wish(AllocateItem(order_id=order.id), {"order": order})


def _allocated(story: Story, wish: Wish, outcome: Outcome) -> None:
    order: ModelOrder = wish.facts["order"]
    finished = story.snap.orders[order.id].status in FINISHED
    assert outcome.ok is (story.is_payable(order.id) and not order.holds and not finished)
    story.to_be_claimed = order.id if outcome.ok else None


def _claim(story: Story, dice: Random, *statuses: str) -> Any:
    found = [c for c in story.snap.all("claims") if not statuses or c.status in statuses]
    return dice.choice(found) if found else None


def _release(story: Story, dice: Random) -> Wish | None:
    claim = _claim(story, dice)
    return claim and Wish(ReleaseAllocationItem(allocation_id=claim.id), {"claim": claim})


def _released(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is (wish.facts["claim"].status == "allocated")


def _move(story: Story, dice: Random) -> Wish | None:
    # What is held must stay: asked for as often as there is something held.
    stopped = [
        c
        for c in story.snap.all("claims")
        if c.status == "allocated" and story.orders[c.order].holds
    ]
    claim = (
        dice.choice(stopped)
        if stopped and dice.random() < 0.5
        else _claim(story, dice, "allocated")
    )
    if not claim:
        return None
    other = next(code for code in story.world.locations if code != claim.place)
    item = MoveAllocationItem(allocation_id=claim.id, location=other)
    return Wish(item, {"claim": claim, "free": story.snap.free(claim.sku, other)})


def _moved(story: Story, wish: Wish, outcome: Outcome) -> None:
    claim = wish.facts["claim"]
    fits = wish.facts["free"] >= claim.quantity
    assert outcome.ok is (fits and not story.orders[claim.order].holds)


# -- picking -----------------------------------------------------------------------------------------------------------


def _make_list(story: Story, dice: Random) -> Wish | None:
    kind: Any = dice.choice(["single", "batch"])
    return Wish(CreatePickListItem(location=dice.choice(story.world.locations), kind=kind))


def _pick(story: Story, dice: Random) -> Wish | None:
    found = [x for x in story.snap.all("to_pick") if x.left]
    if not found:
        return None
    line = dice.choice(found)
    short = dice.randint(1, line.left) if dice.random() < 0.3 else 0
    left = line.left - short
    picked = dice.randint(0 if short else 1, left) if left else 0
    reason = dice.choice(["damaged", "missing"]) if short else ""
    item = PickItem(pick_line_id=line.id, picked=picked, short=short, reason=reason)
    # Whoever finds too few has taken all there was; damaged pieces say nothing about the others.
    gone = line.lies - picked if reason == "missing" else short
    return Wish(item, {"line": line, "gone": gone})


def _picked(story: Story, wish: Wish, outcome: Outcome) -> None:
    line = wish.facts["line"]
    assert outcome.ok is not (wish.item.picked > 0 and story.orders[line.order].holds > 0)
    if outcome.ok:
        story.on_hand[(line.sku, line.place)] -= wish.facts["gone"]


def _list(story: Story, dice: Random) -> UUID | None:
    return dice.choice(story.snap.lists) if story.snap.lists else None


def _complete(story: Story, dice: Random) -> Wish | None:
    key = _list(story, dice)
    rows = [x for x in story.snap.all("to_pick") if x.list == key]
    held = any(story.orders[x.order].holds for x in rows)
    return key and Wish(CompleteItem(pick_list_id=key), {"held": held})


def _completed(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is not wish.facts["held"]


def _cancel_list(story: Story, dice: Random) -> Wish | None:
    key = _list(story, dice)
    return key and Wish(CancelPickListItem(pick_list_id=key))


def _release_list(story: Story, dice: Random) -> Wish | None:
    key = _list(story, dice)
    return key and Wish(ReleasePickListItem(pick_list_id=key))


def _done(story: Story, wish: Wish, outcome: Outcome) -> None:
    outcome.require()


# -- parcels -----------------------------------------------------------------------------------------------------------


def _ship(story: Story, dice: Random) -> Wish | None:
    parcel = some_parcel(story, dice, "open", "announced")
    if not parcel:
        return None
    lines, named = inside(story, parcel), None
    going = {x.id: x.quantity for x in lines}
    if dice.random() < 0.3:
        going = {x.id: dice.randint(1, x.quantity) for x in [dice.choice(lines)]}
        named = [ShipLine(shipment_line_id=key, quantity=n) for key, n in going.items()]
    facts = {"parcel": parcel, "lines": lines, "going": going}
    return Wish(ShipItem(shipment_id=parcel.id, lines=named), facts)


def _shipped(story: Story, wish: Wish, outcome: Outcome) -> None:
    parcel, going = wish.facts["parcel"], wish.facts["going"]
    others = parcel_of(story, parcel)[1:]
    if wish.item.lines:
        assert outcome.ok is (not parcel.within and not others and may_leave(story, parcel, going, in_part=True))  # fmt: skip
    else:
        assert outcome.ok is may_go_whole(story, parcel)
    if outcome.ok:
        left(story, wish.facts["lines"], going)
        for other in others:
            left(story, inside(story, other))


def _unship(story: Story, dice: Random) -> Wish | None:
    parcel = some_parcel(story, dice, "open", "announced", "shipped", "delivered")
    if not parcel:
        return None
    return Wish(
        CancelShipmentItem(shipment_id=parcel.id),
        {"parcel": parcel, "lines": inside(story, parcel)},
    )


def _unshipped(story: Story, wish: Wish, outcome: Outcome) -> None:
    parcel, order = wish.facts["parcel"], story.orders[wish.facts["parcel"].order]
    gone: Counter[UUID] = Counter()
    for x in wish.facts["lines"] if parcel.status == "shipped" else ():
        gone[x.line] += x.quantity
    lines = {x.id: x for x in order.lines}
    came_back = any(n > lines[key].with_customer for key, n in gone.items())
    assert outcome.ok is (parcel.status != "delivered" and not came_back and not parcel.arrived)
    if outcome.ok and parcel.status == "shipped":
        for x in wish.facts["lines"]:
            lines[x.line].shipped -= x.quantity
            story.on_hand[(x.sku, x.place)] += x.quantity


def _reject(story: Story, dice: Random) -> Wish | None:
    parcel = some_parcel(story, dice, "open")
    if not parcel:
        return None
    item = RejectShipmentItem(shipment_id=parcel.id, reason="no room")
    return Wish(item, {"parcel": parcel})


def _rejected(story: Story, wish: Wish, outcome: Outcome) -> None:
    if outcome.ok:
        story.orders[wish.facts["parcel"].order].rejected.add(wish.facts["parcel"].place)


def _announce(story: Story, dice: Random) -> Wish | None:
    parcel = some_parcel(story, dice, "open")
    return parcel and Wish(AnnounceItem(shipment_id=parcel.id), {"order": parcel.order})


def _announced(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert not (outcome.ok and story.orders[wish.facts["order"]].holds)


def _track(story: Story, dice: Random) -> Wish | None:
    parcel = some_parcel(story, dice, "shipped", "shipped", "delivered", "open")
    if not parcel:
        return None
    status = dice.choice(["delivered", "delivered", "in_transit", "lost", "damaged"])
    item = TrackItem(shipment_id=parcel.id, status=status, at=clock.now())
    return Wish(item, {"left": parcel.status in {"shipped", "delivered"}})


def _tracked(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["left"]


def _close_problem(story: Story, dice: Random) -> Wish | None:
    found = story.snap.all("problems")
    if not found:
        return None
    return Wish(CloseExceptionItem(delivery_exception_id=dice.choice(found).id, note="sent again"))


def _split(story: Story, dice: Random) -> Wish | None:
    parcel = some_parcel(story, dice, "open")
    if not parcel:
        return None
    line = dice.choice(inside(story, parcel))
    part = [SplitLine(shipment_line_id=line.id, quantity=dice.randint(1, line.quantity))]
    return Wish(SplitShipmentItem(shipment_id=parcel.id, lines=part))


def _merge(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    found = [p.id for p in story.snap.of("parcels", order.id) if p.status == "open"] if order else []  # fmt: skip
    return Wish(MergeShipmentsItem(shipment_ids=found)) if len(found) > 1 else None


# -- stock -------------------------------------------------------------------------------------------------------------


def _spot(story: Story, dice: Random) -> tuple[str, str]:
    return dice.choice(story.world.skus), dice.choice(story.world.locations)


def _adjust(story: Story, dice: Random) -> Wish | None:
    sku, place = _spot(story, dice)
    n = dice.choice([-4, -2, -1, 1, 3, 6])
    item = AdjustItem(sku=sku, location=place, difference=n, reason="test")
    on_hand, _, staged, _ = story.snap.levels.get((sku, place), (0, 0, 0, 0))
    return Wish(item, {"key": (sku, place), "to": on_hand + n, "staged": staged})


def _count(story: Story, dice: Random) -> Wish | None:
    sku, place = _spot(story, dice)
    n = dice.randint(0, 8)
    item = CountItem(sku=sku, location=place, quantity=n)
    staged = story.snap.levels.get((sku, place), (0, 0, 0, 0))[2]
    return Wish(item, {"key": (sku, place), "to": n, "staged": staged})


def _corrected(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is (wish.facts["to"] >= wish.facts["staged"])
    if outcome.ok:
        story.on_hand[wish.facts["key"]] = wish.facts["to"]


def _transfer(story: Story, dice: Random) -> Wish | None:
    sku, origin = _spot(story, dice)
    to = next(code for code in story.world.locations if code != origin)
    item = TransferItem(sku=sku, origin=origin, to=to, quantity=dice.randint(1, 5))
    on_hand, claimed, _, _ = story.snap.levels.get((sku, origin), (0, 0, 0, 0))
    return Wish(item, {"free": on_hand - claimed})


def _transferred(story: Story, wish: Wish, outcome: Outcome) -> None:
    item = wish.item
    assert outcome.ok is (wish.facts["free"] >= item.quantity)
    if outcome.ok:
        story.on_hand[(item.sku, item.origin)] -= item.quantity
        story.on_hand[(item.sku, item.to)] += item.quantity


DEEDS = (
    Deed("hold", 2, _hold, by(hold_orders), _held),
    Deed("unhold", 3, _unhold, by(release_orders), _unheld),
    Deed("allocate", 3, _allocate, by(allocate_orders), _allocated),
    Deed("release claim", 1, _release, by(release_allocations), _released),
    Deed("move claim", 4, _move, by(move_allocations), _moved),
    Deed("make pick list", 4, _make_list, by(create_pick_lists), anything),
    Deed("pick", 11, _pick, by(pick_lines), _picked),
    Deed("complete pick list", 3, _complete, by(complete_pick_lists), _completed),
    Deed("cancel pick list", 1, _cancel_list, by(cancel_pick_lists), _done),
    Deed("release pick list", 1, _release_list, by(release_pick_lists), _done),
    Deed("ship", 12, _ship, by(ship_shipments), _shipped),
    Deed("cancel shipment", 3, _unship, by(cancel_shipments), _unshipped),
    Deed("reject shipment", 1, _reject, by(reject_shipments), _rejected),
    Deed("announce", 2, _announce, by(announce_shipments), _announced),
    Deed("track", 3, _track, by(track_shipments), _tracked),
    Deed("close problem", 1, _close_problem, by(close_delivery_exceptions), _done),
    Deed("split shipment", 1, _split, by(split_shipments), anything),
    Deed("merge shipments", 1, _merge, by(merge_shipments), anything),
    Deed("adjust stock", 2, _adjust, by(adjust_stock_levels), _corrected),
    Deed("count stock", 2, _count, by(count_stock_levels), _corrected),
    Deed("transfer stock", 1, _transfer, by(transfer_stock_levels), _transferred),
)

"""Deeds of the floor: goods received, moved and counted by bin, kept back, looked over, walks for many orders at once."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

from orderwerk.allocations.commands.set_channels import ChannelStockItem, set_channel_stocks
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.close_transfers import close_expected
from orderwerk.flows.consolidate_orders import ConsolidateItem, consolidate_orders
from orderwerk.flows.receive_goods import receive_goods
from orderwerk.flows.record_stock_scans import StockScanItem, record_stock_scans
from orderwerk.flows.repair_stock import RepairItem, repair_stock_levels
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.close_inbounds import CloseInboundItem
from orderwerk.stock.commands.receive import ReceiveItem
from orderwerk.stock.commands.relocate import RelocateItem, relocate_stock
from orderwerk.stock.commands.set_safety import SafetyItem, set_safety_stocks
from orderwerk.stock.commands.upsert_inbounds import (
    InboundItem,
    InboundLineItem,
    upsert_inbounds,
)
from tests.build import TESTER
from tests.histories.life.deeds import Deed, anything, by
from tests.histories.life.story import Story, Wish

BINS = ("DEFAULT", "A-1")


def _spot(story: Story, dice: Random) -> tuple[str, str]:
    return dice.choice(story.world.skus), dice.choice(story.world.locations)


def _scan(story: Story, dice: Random, flow: Any) -> Wish:
    sku, place = _spot(story, dice)
    code, quantity = dice.choice(BINS), dice.randint(0 if flow == "count" else 1, 5)
    lies, _ = story.snap.bins.get((sku, place, code), (0, 0))
    more = quantity - lies if flow == "count" else quantity
    item = StockScanItem(key=new_id(), flow=flow, location=place, sku=sku, bin=code, quantity=quantity)  # fmt: skip
    return Wish(item, {"key": (sku, place), "more": more})


def _receive(story: Story, dice: Random) -> Wish:
    return _scan(story, dice, "receive")


def _count_bin(story: Story, dice: Random) -> Wish:
    return _scan(story, dice, "count")


def _run_twice(parts: list[tuple[Story, Wish]]) -> Sequence[Outcome]:
    """A device that heard no answer sends its scan again: it counts once."""
    items = [wish.item for _, wish in parts]
    return record_stock_scans([*items, *items], actor=TESTER)[len(items) :]


def _scanned(story: Story, wish: Wish, outcome: Outcome) -> None:
    outcome.require()
    story.on_hand[wish.facts["key"]] += wish.facts["more"]


def _relocate(story: Story, dice: Random) -> Wish:
    sku, place = _spot(story, dice)
    origin, to = dice.sample(BINS, 2)
    quantity = dice.randint(1, 4)
    lies, planned = story.snap.bins.get((sku, place, origin), (0, 0))
    item = RelocateItem(sku=sku, location=place, origin=origin, to=to, quantity=quantity)
    return Wish(item, {"fits": quantity <= lies - planned})


def _relocated(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]


def _keep(story: Story, dice: Random) -> Wish:
    sku, place = _spot(story, dice)
    item = ChannelStockItem(
        sku=sku,
        location=place,
        shop=story.world.shop,
        reserved=dice.randint(0, 3),
        safety_stock=dice.randint(0, 2),
    )
    return Wish(item)


def _kept(story: Story, wish: Wish, outcome: Outcome) -> None:
    outcome.require()


def _keep_safe(story: Story, dice: Random) -> Wish:
    sku, place = _spot(story, dice)
    return Wish(SafetyItem(sku=sku, location=place, safety_stock=dice.choice([0, 0, 1, 3])))


def _set_capacity(story: Story, dice: Random) -> Wish:
    place = dice.choice(story.world.locations)
    item = LocationItem(code=place, name=place, daily_capacity=dice.choice([None, 0, 1, 2]))
    return Wish(item)


def _repair(story: Story, dice: Random) -> Wish | None:
    sku, place = _spot(story, dice)
    if (sku, place) not in story.snap.levels:
        return None
    return Wish(RepairItem(sku=sku, location=place))


def _repaired(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.require().data["repaired"] is False, "commands have left a counter wrong"


def _walk(story: Story, dice: Random) -> Wish:
    method: Any = dice.choice(["singles", "totes", "sort"])
    place, wave = dice.choice(story.world.locations), dice.choice([None, "Noon"])
    item = CreatePickListItem(location=place, kind="batch", method=method, wave=wave, max_orders=2)
    return Wish(item)


def _expect(story: Story, dice: Random) -> Wish:
    sku, place = _spot(story, dice)
    lines = [InboundLineItem(sku=sku, quantity=dice.randint(1, 4))]
    return Wish(InboundItem(location=place, lines=lines))


def _arrive(story: Story, dice: Random) -> Wish | None:
    if not story.snap.expected:
        return None
    found = dice.choice(story.snap.expected)
    # A purchase may bring more than was expected, a transfer not more than was sent.
    most = found.left if found.origin else 4
    if not most:
        return None
    item = ReceiveItem(sku=found.sku, location=found.place, quantity=dice.randint(1, min(4, most)), inbound=found.number)  # fmt: skip
    return Wish(item, {"key": (found.sku, found.place), "more": item.quantity})


def _give_up(story: Story, dice: Random) -> Wish | None:
    if not story.snap.expected:
        return None
    found = dice.choice(story.snap.expected)
    home = found.origin is not None and dice.random() < 0.5
    back = {(x.sku, x.origin): x.left for x in story.snap.expected if x.id == found.id and home}
    item = CloseInboundItem(inbound_id=found.id, reason="no more", back_to_origin=home)
    return Wish(item, {"back": back})


def _given_up(story: Story, wish: Wish, outcome: Outcome) -> None:
    outcome.require()
    for key, pieces in wish.facts["back"].items():
        story.on_hand[key] += pieces


def _gather(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    if order is None:
        return None
    to = dice.choice(story.world.locations)
    going: Counter[tuple[str, str]] = Counter()
    for claim in story.snap.of("claims", order.id):
        if claim.status == "allocated" and claim.place != to:
            going[(claim.sku, claim.place)] += claim.quantity
    elsewhere = any(x.place != to for x in story.snap.of("travelling", order.id))
    refused = to in story.orders[order.id].rejected
    may = bool(going) and not elsewhere and not order.holds and not refused
    return Wish(ConsolidateItem(order_id=order.id, to=to), {"going": going, "may": may})


def _gathered(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["may"]
    if outcome.ok:
        for key, pieces in wish.facts["going"].items():
            story.on_hand[key] -= pieces


DEEDS = (
    Deed("receive", 2, _receive, _run_twice, _scanned),
    Deed("count bin", 1, _count_bin, _run_twice, _scanned),
    Deed("relocate", 1, _relocate, by(relocate_stock), _relocated),
    Deed("keep back", 1, _keep, by(set_channel_stocks), _kept),
    Deed("expect goods", 1, _expect, by(upsert_inbounds), _kept),
    Deed("goods arrive", 1, _arrive, by(receive_goods), _scanned),
    Deed("expect no more", 1, _give_up, by(close_expected), _given_up),
    Deed("gather order", 2, _gather, by(consolidate_orders), _gathered),
    Deed("set safety stock", 1, _keep_safe, by(set_safety_stocks), _kept),
    Deed("set capacity", 1, _set_capacity, by(set_up_locations), _kept),
    Deed("repair stock", 1, _repair, by(repair_stock_levels), _repaired),
    Deed("make walk", 2, _walk, by(create_pick_lists), anything),
)

"""Walks many histories at once: at each step all that chose the same deed share one call of its command.

So a bulk command meets items of many shops, of which some are refused, and a step of two hundred histories costs little more
than one of one. Each history draws from its own dice and sees its own rows alone: run again by itself it does the same.
"""

import traceback
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.checks.invariant import Severity
from orderwerk.checks.run import ALL
from orderwerk.core import decode, sql
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from tests.build import TESTER, World, serial
from tests.histories.life import (
    amends,
    floor,
    goods,
    mail,
    money,
    orders,
    parcels,
    returns,
    substitutes,
)
from tests.histories.life.deeds import Deed
from tests.histories.life.provider import PortDouble
from tests.histories.life.reads import read
from tests.histories.life.rest import come_to_rest, compare_with_provider
from tests.histories.life.story import Policy, Story, Wish

DEEDS: dict[str, Deed] = {
    deed.name: deed
    for room in (orders, substitutes, goods, parcels, floor, money, returns, amends, mail)
    for deed in room.DEEDS
}
_NAMES = list(DEEDS)
_WEIGHTS = [deed.weight for deed in DEEDS.values()]
# A deed for which nothing is there is drawn again; a history in which there is nothing to do at all rests a step.
_DRAWS = 12
STEPS = 50
Step = tuple[str, str]


@dataclass(frozen=True)
class Violation:
    """What was found, and in which history: its seed, and the deeds up to there."""

    seed: int
    what: str
    log: Sequence[Step] = ()


def walk(
    seeds: Sequence[int], *, steps: int = STEPS, scripts: Sequence[Sequence[Step]] | None = None
) -> list[Violation]:
    """Walk one history for each seed, all at once, and say what was found wrong; with scripts these deeds, none drawn."""
    stories = open_shops(seeds)
    for number in range(max(map(len, scripts)) if scripts else steps):
        _see(stories)
        groups: dict[str, list[tuple[Story, Wish]]] = defaultdict(list)
        for index, story in enumerate(stories):
            chosen = _choose(story, number, scripts[index][number] if scripts else None)
            if chosen is not None and not story.failed:
                groups[chosen[0]].append((story, chosen[1]))
        for name, parts in groups.items():
            _perform(DEEDS[name], parts)
    _see(stories)
    alive = [story for story in stories if not story.failed]
    come_to_rest(alive)
    _see(stories)
    for story in alive:
        _guarded(story, lambda story=story: compare_with_provider(story))  # type: ignore[misc]
    _check(stories)
    return [Violation(s.seed, s.failed, s.log) for s in stories if s.failed]


def open_shops(seeds: Sequence[int]) -> list[Story]:
    """Open a shop for each history, with two articles at two locations and an account at a provider."""
    doubles = {"mollie": PortDouble("mollie"), "stripe": PortDouble("stripe")}
    stories = []
    for seed in seeds:
        n = serial()
        world = World(f"shop{n}", [f"loc{n}-1", f"loc{n}-2"], [f"sku{n}-1", f"sku{n}-2"])
        stories.append(Story(seed, Policy.drawn(Random(f"{seed}/shop")), world, doubles))
    made = upsert_shops([decode.convert(_shop(s), ShopItem) for s in stories], actor=TESTER)
    for story, outcome in zip(stories, made, strict=True):
        story.world.shop_id = outcome.require().id
    worlds = [s.world for s in stories]
    items = [LocationData(code=c, name=c, priority=i) for w in worlds for i, c in enumerate(w.locations, 1)]  # fmt: skip
    placed = iter(upsert_locations(items, actor=TESTER))
    for world in worlds:
        world.location_ids = {code: next(placed).require().id for code in world.locations}
    link_locations([LocationShops(location=c, shops=[w.shop]) for w in worlds for c in w.locations], actor=TESTER)  # fmt: skip
    set_bins([BinItem(location=c, bin="A-1") for w in worlds for c in w.locations], actor=TESTER)
    upsert_products([ProductItem(sku=k, name=f"Article {k}") for w in worlds for k in w.skus], actor=TESTER)  # fmt: skip
    counts = [
        CountItem(sku=k, location=c, quantity=s.policy.stock)
        for s in stories
        for c in s.world.locations
        for k in s.world.skus
    ]
    for outcome in count_stock_levels(counts, actor=TESTER):
        outcome.require()
    for story in stories:
        story.on_hand.update({(k, c): story.policy.stock for c in story.world.locations for k in story.world.skus})  # fmt: skip
    _connect(stories)
    _take_back(stories)
    return stories


def _take_back(stories: Sequence[Story]) -> None:
    """Say what each shop takes back, and how."""
    items = []
    for story in stories:
        takes = story.policy.returns
        outcomes = ["refund", "exchange", "store_credit", "repair"]
        items.append({
            "shop": story.world.shop, "fee": story.amount(takes.fee), "gift_returns": takes.gifts, "ways": list(takes.ways),
            "outcomes": outcomes if takes.keep_up_to is None else [*outcomes, "keep"], "approve_at_once": takes.at_once,
            "keep_up_to": None if takes.keep_up_to is None else story.amount(takes.keep_up_to),
            "drop_locations": story.world.locations[:1] if "location" in takes.ways else [],
        })  # fmt: skip
    for outcome in set_return_policies([decode.convert(item, PolicyItem) for item in items], actor=TESTER):  # fmt: skip
        outcome.require()


def _shop(story: Story) -> dict[str, Any]:
    policy = story.policy
    return {
        "code": story.world.shop, "name": story.world.shop, "currency": policy.currency, "locale": "nl",
        "invoice_when": policy.invoice_when, "refund_mode": policy.refund_mode, "four_eyes_above": policy.four_eyes_above,
        "use_pick_lists": policy.use_pick_lists, "cancel_while_picking": "ask" if policy.asks else "at_once",
        "unpaid_hours": {"other": 1}, "late_payment": "revive" if policy.revives else "refund",
        "legal": {"name": story.world.shop, "iban": "NL91ABNA0417164300"},
    }  # fmt: skip


_KEYS = {"mollie": "test_abcdefghijklmnopqrstuvwxyz0123", "stripe": "sk_test_abcdefghijklmnopqrst"}


def _connect(stories: Sequence[Story]) -> None:
    items = [
        {"shop": s.world.shop, "provider": s.policy.provider, "key": _KEYS[s.policy.provider]}
        for s in stories
    ]
    made = set_payment_accounts([decode.convert(item, AccountItem) for item in items], actor=TESTER)
    for story, outcome in zip(stories, made, strict=True):
        story.account = outcome.require().id


def _see(stories: Sequence[Story]) -> None:
    alive = [s for s in stories if not s.failed]
    places = {place: s.shop_id for s in alive for place in s.world.location_ids.values()}
    snaps = read([s.shop_id for s in alive], places)
    for story in alive:
        _guarded(story, lambda story=story: story.see(snaps[story.shop_id]))  # type: ignore[misc]


def _choose(story: Story, number: int, told: Step | None) -> tuple[str, Wish] | None:
    if story.failed:
        return None
    if told is not None:
        found = _draw(story, told)
        return found and (told[0], found)
    dice = Random(f"{story.seed}/{number}")
    for attempt, name in enumerate(dice.choices(_NAMES, _WEIGHTS, k=_DRAWS)):
        step = (name, f"{story.seed}/{number}/{attempt}")
        wish = _draw(story, step)
        if wish is not None:
            return name, wish
    return None


def _draw(story: Story, step: Step) -> Wish | None:
    wish: Wish | None = None

    def draw() -> None:
        nonlocal wish
        wish = DEEDS[step[0]].draw(story, Random(step[1]))

    _guarded(story, draw)
    if wish is not None:
        story.log.append(step)
    return wish


def _guarded(story: Story, work: Any) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a history is what is looked for
        story.failed = story.failed or _told(error)


def _told(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
    return f"{type(error).__name__}: {str(error)[:400]} ({where}: {frame.line})"


def _perform(deed: Deed, parts: list[tuple[Story, Wish]]) -> None:
    try:
        outcomes = deed.run(parts)
    except Exception as error:  # noqa: BLE001 - a command never raises: the item that makes it is looked for
        if len(parts) == 1:
            parts[0][0].failed = f"{deed.name}: {_told(error)}"
            return
        for part in parts:
            _perform(deed, [part])
        if not any(story.failed for story, _ in parts):
            for story, _ in parts:
                story.failed = f"{deed.name}, only together with others: {_told(error)}"
        return
    for (story, wish), outcome in zip(parts, outcomes, strict=True):
        _guarded(story, lambda s=story, w=wish, o=outcome: deed.judge(s, w, o))  # type: ignore[misc]
        if story.failed and isinstance(outcome, object) and " judged " not in story.failed:
            story.failed = f"{deed.name} judged {_answer(outcome)}: {story.failed}"


def _answer(outcome: Any) -> str:
    if outcome is None:
        return "done"
    return "done" if outcome.ok else f"{outcome.error.code} ({outcome.error.message})"


# Without what is of the server (a throw-away one keeps nothing), and what jobs have still to do: none run here.
_INVARIANTS = [i for i in ALL if i.severity is Severity.VIOLATION and i.id != "durable"]


def _check(stories: Sequence[Story]) -> None:
    by_shop: Mapping[UUID, Story] = {s.shop_id: s for s in stories}
    for invariant in _INVARIANTS:
        for row in sql.fetch(invariant.sql):
            text = f"{invariant.id}: {row[1]} {row[2]}: expected {row[3]}, found {row[4]}"
            # Of a shop that is none of ours: an earlier walk left it behind.
            for one in stories if row[0] is None else filter(None, [by_shop.get(row[0])]):
                one.failed = one.failed or text

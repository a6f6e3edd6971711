"""The demo's shops, stock locations, bins, products and stock; all of it made up but the articles' names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.cli import demo_card
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.shops.commands.upsert import Legal, ShopItem, upsert_shops
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.set_safety import SafetyItem, set_safety_stocks

SHOP_NL, SHOP_UK = demo_card.SHOP, "demo-uk"
WAREHOUSE, NORTH, STORE = "AMS", "LON", "UTR"
# Made in batches: they come in, are picked and are found again by lot, with the days after which a lot is over.
_LOTS: dict[str, tuple[tuple[str, int], ...]] = {
    "22969": (("JC-0914", 38), ("JC-1027", 260)),
    "23189": (("FK-2201", 400),),
    "22112": (("HWB-118", 700), ("HWB-121", 820)),
    "22114": (("HWB-119", 730),),
}
# Where goods come in and wait to be put away.
DOCK = "DOCK"
_SHOPS = (
    ShopItem(
        code=SHOP_NL, name="Demo Cadeaus", currency="EUR", locale="nl", timezone="Europe/Amsterdam",
        sender_email="demo@example.com", sender_name="Demo Cadeaus", number_prefix="NL", on_account_methods=["on-account"],
        legal=Legal(name="Demo Cadeaus B.V.", address="Voorbeeldkade 1\n1011 AB Amsterdam", vat_number="NL000000000B00",
                    street="Voorbeeldkade 1", postal_code="1011 AB", city="Amsterdam", country="NL"),
    ),
    ShopItem(
        code=SHOP_UK, name="Demo Gifts", currency="GBP", locale="en", timezone="Europe/London",
        sender_email="demo-uk@example.com", sender_name="Demo Gifts", number_prefix="UK", use_pick_lists=True,
        cancel_while_picking="ask",
        legal=Legal(name="Demo Gifts Ltd", address="1 Example Quay\nLondon E1 6AN", vat_number="GB000000000",
                    street="1 Example Quay", postal_code="E1 6AN", city="London", country="GB"),
    ),
)  # fmt: skip
_LOCATIONS = (
    LocationItem(
        code=WAREHOUSE, name="Warehouse Amsterdam", priority=1, country="NL", shops=[SHOP_NL, SHOP_UK],
        address={"street": "Voorbeeldkade", "house_number": "1", "postal_code": "1011 AB", "city": "Amsterdam", "country": "NL"},
    ),
    LocationItem(
        code=NORTH, name="Warehouse London", priority=2, country="GB", shops=[SHOP_NL, SHOP_UK],
        address={"street": "Example Quay", "house_number": "1", "postal_code": "E1 6AN", "city": "London", "country": "GB"},
    ),
    LocationItem(
        code=STORE, name="Store Utrecht", priority=3, country="NL", shops=[SHOP_NL],
        address={"street": "Voorbeeldstraat", "house_number": "7", "postal_code": "3511 AB", "city": "Utrecht", "country": "NL"},
    ),
)  # fmt: skip
# Aisles and shelves per location; a picker walks one aisle up and the next one down.
_AISLES = {WAREHOUSE: ("ABCDEFGH", 6), NORTH: ("PQRS", 6), STORE: ("V", 8)}


@dataclass(frozen=True, slots=True)
class Article:
    """A product of the demo: what it is called and how many pieces the demo's orders want of it."""

    sku: str
    name: str
    wanted: int


def done(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return what was done; the demo's own input is never refused."""
    return [outcome.require() for outcome in outcomes]


def set_up_places(actor: Actor) -> None:
    """Make shops, stock locations and bins."""
    done(upsert_shops(_SHOPS, actor=actor))
    done(set_up_locations(_LOCATIONS, actor=actor))
    bins = [*(item for place in _AISLES for item in _route(place)), *_docks()]
    done(set_bins(bins, actor=actor))


def _route(place: str) -> list[BinItem]:
    aisles, shelves = _AISLES[place]
    codes = []
    for index, aisle in enumerate(aisles):
        numbers = range(1, shelves + 1) if index % 2 == 0 else range(shelves, 0, -1)
        codes += [f"{aisle}-{number:02}" for number in numbers]
    return [BinItem(location=place, bin=code, position=i * 10) for i, code in enumerate(codes, 1)]


def _docks() -> list[BinItem]:
    return [BinItem(location=place, bin=DOCK, position=9000, use="receiving") for place in _AISLES]


def stock_up(articles: Sequence[Article], actor: Actor) -> None:
    """Make products and put stock for them into bins: plenty of most, too little of some, none of a few."""
    products = [
        ProductItem(
            sku=a.sku, name=a.name, weight_grams=80 + sum(map(ord, a.sku)) * 7 % 900,
            tracking="lot" if a.sku in _LOTS else "none",
        )
        for a in articles
    ]  # fmt: skip
    done(upsert_products(products, actor=actor))
    counts = [item for index, article in enumerate(articles) for item in _counts(index, article)]
    done(count_stock_levels([item for item in counts if item.sku not in _LOTS], actor=actor))
    came = [item for count in counts if count.sku in _LOTS for item in _in_lots(count)]
    done(receive_stock(came, actor=actor))
    safety = [SafetyItem(sku=a.sku, location=STORE, safety_stock=2) for a in articles[::9]]
    done(set_safety_stocks(safety, actor=actor))


def _counts(index: int, article: Article) -> list[CountItem]:
    wanted = article.wanted
    plan = Counter({WAREHOUSE: 2 * wanted + 24})
    if index % 17 == 3:
        # Sells faster than it comes in: the last orders wait.
        plan = Counter({WAREHOUSE: wanted // 2})
    elif index % 43 == 7:
        plan = Counter({WAREHOUSE: 0})
    elif index % 11 == 1:
        plan = Counter({NORTH: 2 * wanted + 10})
    elif index % 11 == 4:
        plan = Counter({WAREHOUSE: wanted // 3, NORTH: wanted // 2, STORE: wanted})
    else:
        # The store has some of what sells evenly, for those who come and collect.
        plan[STORE] += wanted // 3 + 4
    if index % 9 == 0:
        plan[STORE] += 6
    return [
        CountItem(sku=article.sku, location=place, quantity=quantity, bin=_bin(place, index))
        for place, quantity in plan.items()
        if quantity
    ]


def _in_lots(count: CountItem) -> list[ReceiveItem]:
    """Return the same pieces as they came in: each lot its share, the one that is over first the smallest."""
    lots, today = _LOTS[count.sku], clock.now().date()
    first = count.quantity if len(lots) == 1 else count.quantity // 3
    return [
        ReceiveItem(
            sku=count.sku, location=count.location, quantity=quantity, bin=count.bin, lot=lot,
            expires_on=today + timedelta(days=days),
        )
        for (lot, days), quantity in zip(lots, (first, count.quantity - first), strict=False)
        if quantity
    ]  # fmt: skip


def _bin(place: str, index: int) -> str:
    route = _route(place)
    return route[index * 7 % len(route)].bin

"""Puts goods that came back into stock: one movement per return line, its one cause."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, WrongState
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.returns.events import RETURN_RESTOCKED
from orderwerk.stock.movements import Movement, Place, lock_levels, write_movements
from orderwerk.stock.shelves import DEFAULT_BIN, STAGING_BIN, ensure_levels, look_up, look_up_bins


@dataclass(frozen=True, slots=True)
class Spot:
    """Where pieces are put down: a location by code and id, and a bin of it by code."""

    location_id: UUID
    location: str
    bin: str


@dataclass(frozen=True, slots=True)
class Restock:
    """Pieces of one return line that go back into stock."""

    return_line_id: UUID
    order_line_id: UUID
    product_id: UUID
    sku: str
    quantity: int
    spot: Spot
    order_id: UUID
    shop_id: UUID
    number: str
    lots: Mapping[UUID, str] = field(default_factory=dict)


# Per order line, product that is kept by lot and lot: how many pieces left with the order and did not go back into stock.
_WITH_CUSTOMER = """
select w.line_id, w.order_id, w.product_id, w.per_kit, m.lot, m.pieces
from (
  select l.id as line_id, l.order_id, coalesce(c.product_id, l.product_id) as product_id, coalesce(c.per_kit, 1) as per_kit
  from orders_line l left join orders_component c on c.order_line_id = l.id where l.id = any(%s)) w
join catalog_product p on p.id = w.product_id and p.tracking = 'lot'
left join lateral (
  select x.lot, -sum(x.delta)::int as pieces from stock_movement x
  where x.order_id = w.order_id and x.product_id = w.product_id and x.lot <> ''
    and x.kind in ('shipped', 'unshipped', 'returned')
  group by x.lot having sum(x.delta) filter (where x.kind <> 'returned') < 0) m on true
order by w.line_id, w.product_id, m.lot
"""

# An order and a product of it.
Goods = tuple[UUID, UUID]
TakenLots = Counter[tuple[Goods, str]]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A product of an order line that is kept by lot: so many pieces of it make one of the line."""

    goods: Goods
    per_kit: int


class LotsOf:
    """Which lots of which product are with the customer, per order line; of kits those of their components."""

    def __init__(self, line_ids: Sequence[UUID]) -> None:
        """Read them under the lock of their orders; one statement."""
        self._kept: dict[UUID, dict[UUID, _Kept]] = {}
        self._pieces: dict[Goods, dict[str, int]] = {}
        for line, order, product, per_kit, lot, pieces in sql.fetch(
            _WITH_CUSTOMER, (list(set(line_ids)),)
        ):
            self._kept.setdefault(line, {})[product] = _Kept((order, product), per_kit)
            lots = self._pieces.setdefault((order, product), {})
            if lot is not None:
                lots[lot] = pieces

    def several(self, line_id: UUID) -> list[str]:
        """Return the lots of a line where one has to be named; none where only one is there, or none are kept."""
        mine = [self._pieces[kept.goods] for kept in self._kept.get(line_id, {}).values()]
        lots = sorted({lot for each in mine for lot in _there(each)})
        return lots if any(len(_there(each)) > 1 for each in mine) else []

    def choose(
        self, line_id: UUID, lot: str | None, quantity: int, taken: TakenLots, pointer: str
    ) -> dict[UUID, str]:
        """Return the lot per product that goes back into stock: the named one, or the only one that is with the customer.

        Refuses with BadInput where there are several and none is named, or one for goods that are not kept by lot; with
        NotFound one that did not leave with this order; with WrongState goods that left when no lots were kept; with
        LimitExceeded more than left with that lot and did not come back. What it finds is noted in `taken`.
        """
        mine = self._kept.get(line_id, {})
        lots = {product: self._pieces[kept.goods] for product, kept in mine.items()}
        _check_named(lot, list(lots.values()), pointer)
        chosen: dict[UUID, str] = {}
        for product, kept in mine.items():
            named = lot if lot in lots[product] else _only(lots[product], pointer)
            left = lots[product][named] - taken[(kept.goods, named)]
            if quantity * kept.per_kit > left:
                raise LimitExceeded(
                    f"Only {left} pieces of lot {named} left with this order and did not come back.",
                    code="more_than_left",
                    pointer=f"{pointer}/quantity",
                )
            taken[(kept.goods, named)] += quantity * kept.per_kit
            chosen[product] = named
        return chosen

    def use(self, taken: TakenLots) -> None:
        """Take off what a booking that is not refused puts back."""
        for (goods, lot), pieces in taken.items():
            self._pieces[goods][lot] -= pieces


def _there(lots: Mapping[str, int]) -> list[str]:
    return [lot for lot, pieces in lots.items() if pieces > 0]


def _only(lots: Mapping[str, int], pointer: str) -> str:
    # Where all came back, one of them tells that none is left.
    [first, *others] = _there(lots) or list(lots)[:1]
    if others:
        raise BadInput(
            "This product is kept by lot: say which lot it is.",
            code="lot_required",
            pointer=f"{pointer}/lot",
        )
    return first


def _check_named(lot: str | None, lots: Sequence[Mapping[str, int]], pointer: str) -> None:
    if lot is not None and not lots:
        raise BadInput(
            "This product is not kept by lot.", code="lot_not_kept", pointer=f"{pointer}/lot"
        )
    if any(not each for each in lots):
        raise WrongState(
            "It left when no lots were kept of it: book it without stock, then receive it with its lot.",
            code="lot_never_known",
            pointer=f"{pointer}/lot",
        )
    if lot is not None and not any(lot in each for each in lots):
        raise NotFound(
            f"Lot {lot} did not leave with this order.",
            code="lot_not_shipped",
            pointer=f"{pointer}/lot",
        )


class Spots:
    """The places that a command names, looked up at once."""

    def __init__(self, codes: Sequence[str], bins: Sequence[str], actor: Actor) -> None:
        """Find locations by code, and every bin of one of these codes; one statement each."""
        self._locations = look_up([], codes, [], actor=actor).locations
        wanted = {*bins, DEFAULT_BIN}
        self._bins = look_up_bins([(key, code) for key in self._locations.values() for code in sorted(wanted)])  # fmt: skip

    def spot(self, location: str | None, bin_code: str | None, pointer: str) -> Spot:
        """Return a place; refuses with BadInput no location or the staging bin, with NotFound what is not there."""
        if location is None:
            raise BadInput(
                "Say at which location it goes into stock.",
                code="location_required",
                pointer=f"{pointer}/location",
            )
        if location not in self._locations:
            raise NotFound(
                f"There is no stock location {location}.",
                code="unknown_location",
                pointer=f"{pointer}/location",
            )
        if bin_code == STAGING_BIN:
            raise BadInput(
                "Goods that come in do not lie in the staging bin.",
                code="staging_bin",
                pointer=f"{pointer}/bin",
            )
        spot = Spot(self._locations[location], location, bin_code or DEFAULT_BIN)
        if (spot.location_id, spot.bin) not in self._bins:
            raise NotFound(
                f"There is no bin {spot.bin} at this location.",
                code="unknown_bin",
                pointer=f"{pointer}/bin",
            )
        return spot

    def bin_id(self, spot: Spot) -> UUID:
        """Return the id of a place's bin."""
        return self._bins[(spot.location_id, spot.bin)]


@dataclass(frozen=True, slots=True)
class _Part:
    """What one restock moves of one product: itself, or a component of a kit."""

    restock: Restock
    product_id: UUID
    sku: str
    quantity: int


_COMPONENTS = """
select c.order_line_id, c.product_id, p.sku, c.per_kit from orders_component c join catalog_product p on p.id = c.product_id
where c.order_line_id = any(%s) order by c.order_line_id, c.product_id
"""


def _parts(restocks: Sequence[Restock]) -> list[_Part]:
    """Take kits apart into the components that they were sold with: a kit lies nowhere itself."""
    components: dict[UUID, list[tuple[UUID, str, int]]] = {}
    for line_id, *component in sql.fetch(_COMPONENTS, ([r.order_line_id for r in restocks],)):
        components.setdefault(line_id, []).append((component[0], component[1], component[2]))
    return [
        _Part(r, product_id, sku, r.quantity * per_kit)
        for r in restocks
        for product_id, sku, per_kit in components.get(r.order_line_id, [(r.product_id, r.sku, 1)])
    ]


def put_back(unit: UnitOfWork, restocks: Sequence[Restock], spots: Spots) -> None:
    """Write the movements; levels are made and locked in their order. Waiting orders may have the goods afterwards."""
    parts = _parts(restocks)
    keys = {(part.product_id, part.restock.spot.location_id) for part in parts}
    ensure_levels(keys)
    lock_levels(unit, sorted(keys))
    write_movements(
        [
            Movement(
                Place(
                    p.product_id,
                    p.restock.spot.location_id,
                    spots.bin_id(p.restock.spot),
                    p.restock.lots.get(p.product_id, ""),
                ),
                p.quantity,
                "returned",
                p.restock.return_line_id,
                p.restock.order_id,
                p.restock.number,
            )
            for p in parts
        ],
        actor=unit.actor,
    )
    for p in parts:
        data = {"sku": p.sku, "location": p.restock.spot.location, "quantity": p.quantity, "number": p.restock.number}  # fmt: skip
        subject = Subject("product", p.product_id, None, None, p.restock.shop_id)
        unit.record(RETURN_RESTOCKED, subject, STILL, data)

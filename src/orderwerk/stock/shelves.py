"""Reads what lies where, under lock: a shelf is one product at one location with its bins."""

from collections.abc import Collection, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, ensure
from orderwerk.core.uow import UnitOfWork
from orderwerk.stock.bin_choice import choose_bins
from orderwerk.stock.lots import is_over
from orderwerk.stock.movements import Level, Place, lock_levels, read_levels

DEFAULT_BIN = "DEFAULT"
STAGING_BIN = "STAGING"


@dataclass(slots=True)
class BinRow:
    """What lies in one bin of a shelf; `planned` of it is asked for by open pick lines."""

    bin_id: UUID
    code: str
    kind: str
    position: int
    lot: str
    quantity: int
    planned: int
    counted_at: datetime | None = None
    zone: str = ""
    use: str = "face"
    aisle: int = 0
    depth: int | None = None
    expires_on: date | None = None
    is_blocked: bool = False

    @property
    def spot(self) -> tuple[int, int]:
        """The aisle it lies in, and how deep; its place in the route where nobody said."""
        return self.aisle, self.position if self.depth is None else self.depth

    @property
    def free(self) -> int:
        """What lies here and no pick line asks for."""
        return self.quantity - self.planned

    @property
    def may_leave(self) -> int:
        """What of that is in no lot that is blocked, or whose day is over and that is about to be."""
        usable = self.kind == "pick" and not self.is_blocked and not is_over(self.expires_on)
        return max(self.free, 0) if usable else 0


@dataclass(slots=True)
class Shelf:
    """One product at one location: its locked level and the bins it lies in, in walking order."""

    product_id: UUID
    location_id: UUID
    level: Level
    bins: list[BinRow] = field(default_factory=list)

    def take_free(self, quantity: int) -> list[tuple[Place, int]]:
        """Take pieces nobody has planned from the pick bins in walking order, emptying small ones on the way.

        Of lots the one that expires first goes first; blocked ones and those whose day is over stay. Refuses with LimitExceeded when so many do not lie free, and takes nothing then.
        """
        taken: list[tuple[Place, int]] = []
        missing = quantity
        for row in soonest(self.bins):
            part = min(row.may_leave, missing)
            if part > 0:
                taken.append((Place(self.product_id, self.location_id, row.bin_id, row.lot), part))
                missing -= part
        if missing:
            raise LimitExceeded(
                f"Only {quantity - missing} of {quantity} lie free here; the rest is on open pick lists or picked.",
                code="not_enough_stock",
            )
        for place, part in taken:
            held = self.bin(place.bin_id, place.lot)
            ensure(held is not None, "took from a bin of this shelf")
            if held is not None:
                held.quantity -= part
        self.level.on_hand -= quantity
        return taken

    def take_staged(
        self, quantity: int, lots: MutableMapping[str, int] | None = None
    ) -> list[tuple[Place, int]]:
        """Take picked pieces from the staging bin; of a product kept by lot those in `lots`, which are used up."""
        taken: list[tuple[Place, int]] = []
        missing = quantity
        for row in soonest(self.bins):
            mine = (lots or {}).get(row.lot, 0) if row.lot else missing
            part = min(row.quantity, missing, mine) if row.kind == "staging" else 0
            if part > 0:
                taken.append((Place(self.product_id, self.location_id, row.bin_id, row.lot), part))
                row.quantity -= part
                if lots is not None and row.lot:
                    lots[row.lot] -= part
                missing -= part
        ensure(missing == 0, "picked pieces that lie in no staging bin")
        self.level.on_hand -= quantity
        return taken

    def plan(
        self, quantity: int, *, zones: Collection[str] = (), near: Collection[UUID] = ()
    ) -> list[tuple[BinRow, int]]:
        """Choose the pick bins for a claim by the rule of `bin_choice` and plan the pieces there.

        A claim always finds its pieces: what is allocated and not planned lies free in the pick bins. With `zones` only
        bins of those are asked; nothing is planned where they do not hold all of it. The bins `near` are asked alone where they
        hold all of it, but not of lots, which leave by their days.
        """
        rows = [
            row
            for row in self.bins
            if row.kind == "pick" and not row.is_blocked and (not zones or row.zone in zones)
        ]
        close = [row for row in rows if row.bin_id in near and not row.lot]
        if sum(max(row.free, 0) for row in close) >= quantity:
            rows = close
        planned = choose_bins(rows, quantity)
        found = sum(part for _, part in planned)
        if zones and found < quantity:
            return []
        ensure(found == quantity, "claimed pieces that lie in no pick bin")
        for row, part in planned:
            row.planned += part
        return planned

    def put(self, bin_id: UUID, code: str, quantity: int, lot: str = "") -> None:
        """Add pieces that came in to one bin."""
        self.lay(bin_id, code, quantity, lot)
        self.level.on_hand += quantity

    def lay(self, bin_id: UUID, code: str, quantity: int, lot: str = "") -> None:
        """Lay pieces into one bin that lay elsewhere on this shelf."""
        row = self.bin(bin_id, lot)
        if row is None:
            row = BinRow(bin_id, code, "pick", 0, lot, 0, 0)
            self.bins.append(row)
        row.quantity += quantity

    def bin(self, bin_id: UUID, lot: str = "") -> BinRow | None:
        """Return what lies in one bin, or None when the product never lay there."""
        return next((row for row in self.bins if (row.bin_id, row.lot) == (bin_id, lot)), None)


def soonest(rows: Iterable[BinRow]) -> list[BinRow]:
    """Return bins as pieces leave them: what expires first, then what has no day; equal ones as they stood."""
    return sorted(rows, key=lambda row: (row.expires_on is None, row.expires_on or date.max))


Key = tuple[UUID, UUID]

_BINS = """
select s.product_id, s.location_id, s.bin_id, b.code, b.kind, b.position, s.lot, s.quantity, s.planned, s.counted_at, b.zone, b.use, b.aisle, b.depth,
  x.expires_on, coalesce(x.is_blocked, false)
from stock_bin_stock s
join unnest(%s::uuid[], %s::uuid[]) as t(product_id, location_id) using (product_id, location_id)
join stock_bin b on b.id = s.bin_id
left join stock_lot x on s.lot <> '' and x.product_id = s.product_id and x.code = s.lot
order by b.position, b.code, s.lot
"""


def ensure_levels(keys: Iterable[Key]) -> None:
    """Make the level rows that are missing, empty."""
    wanted = sorted(set(keys))
    sql.execute(
        "insert into stock_level (id, product_id, location_id, on_hand, allocated, safety_stock) "
        "select t.id, t.product_id, t.location_id, 0, 0, 0 from unnest(%s::uuid[], %s::uuid[], %s::uuid[]) "
        "as t(id, product_id, location_id) on conflict (product_id, location_id) do nothing",
        (ids.new_ids(len(wanted)), [k[0] for k in wanted], [k[1] for k in wanted]),
    )


def lock_shelves(unit: UnitOfWork, keys: Iterable[Key]) -> dict[Key, Shelf]:
    """Lock levels in order and read their bins: two statements for any number of products."""
    wanted = sorted(set(keys))
    return _with_bins(lock_levels(unit, wanted))


def read_shelves(keys: Iterable[Key]) -> dict[Key, Shelf]:
    """Read levels and their bins without a lock, for a first look."""
    return _with_bins(read_levels(sorted(set(keys))))


def _with_bins(levels: dict[Key, Level]) -> dict[Key, Shelf]:
    shelves = {key: Shelf(key[0], key[1], level) for key, level in levels.items()}
    for row in sql.fetch(_BINS, ([k[0] for k in shelves], [k[1] for k in shelves])):
        shelves[(row[0], row[1])].bins.append(BinRow(*row[2:]))
    return shelves


@dataclass(frozen=True, slots=True)
class Names:
    """Ids of the skus, locations and bins that a command names, as far as they exist for this actor."""

    products: dict[str, UUID]
    locations: dict[str, UUID]
    bins: dict[tuple[UUID, str], UUID]
    by_lot: frozenset[UUID] = frozenset()

    def product(self, sku: str) -> UUID:
        """Return a product's id; refuses with NotFound."""
        if sku not in self.products:
            raise NotFound(f"There is no product {sku}.", code="unknown_sku", pointer="/sku")
        return self.products[sku]

    def check_lot(self, product_id: UUID, lot: str | None, pointer: str = "/lot") -> str:
        """Return the lot that pieces belong to, "" for a product kept without; refuses with BadInput one too few or many."""
        if product_id in self.by_lot and not lot:
            raise BadInput(
                "This product is kept by lot: say which lot it is.",
                code="lot_required",
                pointer=pointer,
            )
        if lot and product_id not in self.by_lot:
            raise BadInput("This product is not kept by lot.", code="lot_not_kept", pointer=pointer)
        return lot or ""

    def location(self, code: str, pointer: str = "/location") -> UUID:
        """Return a location's id; refuses with NotFound, also when this actor may not see it."""
        if code not in self.locations:
            raise NotFound(
                f"There is no stock location {code}.", code="unknown_location", pointer=pointer
            )
        return self.locations[code]

    def bin(self, location_id: UUID, code: str, pointer: str = "/bin") -> UUID:
        """Return a bin's id; refuses with NotFound."""
        if (location_id, code) not in self.bins:
            raise NotFound(
                f"There is no bin {code} at this location.", code="unknown_bin", pointer=pointer
            )
        return self.bins[(location_id, code)]


def look_up(
    skus: Sequence[str], locations: Sequence[str], bins: Sequence[str], *, actor: Actor
) -> Names:
    """Find what a command names: one statement for any number of names.

    Who is limited to shops finds only the locations that those may draw from.
    """
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    rows = sql.fetch(
        """
        select 'product', p.id, p.sku, null::uuid, p.tracking from catalog_product p where p.sku = any(%s)
        union all
        select 'location', l.id, l.code, null, '' from stock_location l
        where l.code = any(%s) and (%s::uuid[] is null or l.id in (
          select location_id from shops_shop_location where shop_id = any(%s::uuid[])))
        union all
        select 'bin', b.id, b.code, b.location_id, '' from stock_bin b join stock_location l on l.id = b.location_id
        where l.code = any(%s) and b.code = any(%s)
        """,
        (
            list(set(skus)),
            list(set(locations)),
            shops,
            shops,
            list(set(locations)),
            [*set(bins), DEFAULT_BIN, STAGING_BIN],
        ),
    )
    return Names(
        {row[2]: row[1] for row in rows if row[0] == "product"},
        {row[2]: row[1] for row in rows if row[0] == "location" and actor.may_see_location(row[1])},
        {(row[3], row[2]): row[1] for row in rows if row[0] == "bin"},
        frozenset(row[1] for row in rows if row[4] == "lot"),
    )


def look_up_bins(wanted: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """Return the ids of bins by location and code, those that exist."""
    rows = sql.fetch(
        "select b.location_id, b.code, b.id from unnest(%s::uuid[], %s::text[]) as t(location_id, code) "
        "join stock_bin b on b.location_id = t.location_id and b.code = t.code",
        ([place for place, _ in wanted], [code for _, code in wanted]),
    )
    return {(row[0], row[1]): row[2] for row in rows}

"""Serial numbers of the pieces in shipments, under the lock of their orders: which are recorded, and which may be."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Again, BadInput, LimitExceeded, NotFound, WrongState
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.shipments.events import SHIPMENT_SERIALS_RECORDED
from orderwerk.shipments.locking import ShipmentState
from orderwerk.shipments.regroup import touch


class SerialPiece(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One piece of an article, by the serial number that stands on it."""

    sku: fields.Sku
    serial: fields.Serial


@dataclass(slots=True)
class _Article:
    """An article in a shipment whose pieces have serial numbers; `codes` mean the article and none of its pieces.

    Numbers stand under themselves in capitals: `stored` as the database has them, `serials` with what was planned since.
    """

    product_id: UUID
    sku: str
    codes: frozenset[str]
    gtin: str
    pieces: int
    stored: Mapping[str, str]
    serials: dict[str, str]


@dataclass(slots=True)
class SerialChange:
    """What is to be recorded for one shipment, and taken off it, as (article, number); `now` are then recorded."""

    shipment: ShipmentState
    added: list[tuple[_Article, str]] = field(default_factory=list)
    removed: list[tuple[_Article, str]] = field(default_factory=list)
    now: dict[str, dict[str, str]] = field(default_factory=dict)


_ARTICLES = """
select l.shipment_id, p.id, p.sku, coalesce(p.gtin, ''), sum(l.quantity)::int, coalesce((select array_agg(s.serial) from shipments_serial s
  where s.shipment_id = l.shipment_id and s.product_id = p.id), '{}')
from shipments_line l join catalog_product p on p.id = l.product_id
where l.shipment_id = any(%s) and l.is_live and (p.tracking = 'serial' or exists (
  select from shipments_serial s where s.shipment_id = l.shipment_id and s.product_id = p.id))
group by l.shipment_id, p.id
"""
_OUT = """
select s.product_id, upper(s.serial), h.number, h.shop_id, h.location_id
from unnest(%s::text[], %s::text[]) as t(sku, serial) join catalog_product p on p.sku = t.sku
join shipments_serial s on s.product_id = p.id and upper(s.serial) = t.serial and s.returned_at is null
join shipments_shipment h on h.id = s.shipment_id
"""
_REMOVE = """
delete from shipments_serial s using unnest(%s::uuid[], %s::uuid[], %s::text[]) as t(shipment_id, product_id, serial)
where s.shipment_id = t.shipment_id and s.product_id = t.product_id and upper(s.serial) = t.serial
"""
_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, location_id uuid, shipment_id uuid, product_id uuid, serial text, "
    "recorded_at timestamptz, recorded_by text"
)


class SerialBook:
    """The serial numbers of locked shipments, and who holds those that a command names."""

    def __init__(
        self, shipment_ids: Iterable[UUID], named: Iterable[SerialPiece], actor: Actor
    ) -> None:
        """Read them; one statement, and another one where numbers are named."""
        self._articles: dict[UUID, dict[str, _Article]] = {}
        for shipment, product, sku, gtin, pieces, serials in sql.fetch(
            _ARTICLES, (list(shipment_ids),)
        ):
            codes = frozenset({sku.upper(), gtin})
            known = {serial.upper(): serial for serial in serials}
            article = _Article(product, sku, codes, gtin.zfill(14) if gtin else "", pieces, known, dict(known))  # fmt: skip
            self._articles.setdefault(shipment, {})[sku] = article
        wanted = sorted({(piece.sku, piece.serial.upper()) for piece in named})
        rows = sql.fetch(_OUT, ([sku for sku, _ in wanted], [serial for _, serial in wanted])) if wanted else []  # fmt: skip
        # A shipment of another shop or place is not told to whom it does not concern.
        self._out = {
            (row[0], row[1]): row[2]
            if actor.may_see_shop(row[3]) and actor.may_see_location(row[4])
            else ""
            for row in rows
        }
        self._changed: dict[UUID, ShipmentState] = {}

    def plan(
        self,
        shipment: ShipmentState,
        add: Sequence[SerialPiece] = (),
        remove: Sequence[SerialPiece] = (),
    ) -> SerialChange:
        """Check what one item records (its `add`) and takes off (its `remove`); nothing is used up before `use`.

        Refuses with NotFound a number that is not recorded, with BadInput an article without serial numbers or a code that
        means the article, with WrongState a number that is recorded already or out with another shipment, with
        LimitExceeded more numbers than pieces.
        """
        return self._plan(
            shipment,
            [(f"/add/{n}/serial", piece) for n, piece in enumerate(add)],
            [(f"/remove/{n}/serial", piece) for n, piece in enumerate(remove)],
        )

    def plan_all(
        self, shipment: ShipmentState, all_of_it: Mapping[int, SerialPiece]
    ) -> SerialChange:
        """Check that exactly these pieces go with a shipment, by their place in an item's `serials`; others are taken off it.

        Refuses as `plan`.
        """
        known = {
            (sku, key): SerialPiece(sku=sku, serial=serial)
            for sku, article in self._articles.get(shipment.id, {}).items()
            for key, serial in article.serials.items()
        }
        named = Counter((piece.sku, piece.serial.upper()) for piece in all_of_it.values())
        # A number that is named twice is refused like any that is recorded already.
        add = [
            (f"/serials/{n}/serial", piece)
            for n, piece in all_of_it.items()
            if (key := (piece.sku, piece.serial.upper())) not in known or named[key] > 1
        ]
        return self._plan(shipment, add, [("", piece) for key, piece in known.items() if key not in named])  # fmt: skip

    def plan_picked(
        self, shipment: ShipmentState, sku: str, serials: Mapping[int, str]
    ) -> SerialChange:
        """Check numbers of picked pieces of an article, by their place in an item's `serials`. Refuses as `plan`."""
        return self._plan(
            shipment,
            [(f"/serials/{n}", SerialPiece(sku=sku, serial=each)) for n, each in serials.items()],
            [],
        )

    def share(
        self, shipment_ids: Sequence[UUID], pieces: Sequence[SerialPiece]
    ) -> dict[UUID, dict[int, SerialPiece]]:
        """Say which of the pieces in a parcel go with which of its shipments, by their place in an item's `serials`.

        What is recorded for one of them stays with it, the others fill up, the parcel's own shipment first. What fits
        nowhere goes where planning refuses it.
        """
        shares: dict[UUID, dict[int, SerialPiece]] = {key: {} for key in shipment_ids}
        homes: dict[tuple[str, str], UUID] = {}
        room: Counter[tuple[UUID, str]] = Counter()
        for key in shipment_ids:
            for sku, article in self._articles.get(key, {}).items():
                room[(key, sku)] = article.pieces
                homes |= dict.fromkeys(((sku, serial) for serial in article.serials), key)
        stays = {(piece.sku, piece.serial.upper()) for piece in pieces} & homes.keys()
        for sku, serial in stays:
            room[(homes[(sku, serial)], sku)] -= 1
        for place, piece in enumerate(pieces):
            which = (piece.sku, piece.serial.upper())
            if which not in homes:
                holds = [key for key in shipment_ids if piece.sku in self._articles.get(key, {})]
                fits = [key for key in holds if room[(key, piece.sku)] > 0]
                homes[which] = (fits or holds or list(shipment_ids))[0]
                room[(homes[which], piece.sku)] -= 1
            shares[homes[which]][place] = piece
        return shares

    def recorded(self, shipment_id: UUID, sku: str) -> frozenset[str]:
        """Return the numbers of an article in a shipment, in capitals, with what was planned since."""
        article = self._articles.get(shipment_id, {}).get(sku)
        return frozenset(article.serials) if article is not None else frozenset()

    def _plan(
        self,
        shipment: ShipmentState,
        add: Sequence[tuple[str, SerialPiece]],
        remove: Sequence[tuple[str, SerialPiece]],
    ) -> SerialChange:
        articles = self._articles.get(shipment.id, {})
        change = SerialChange(shipment, now={sku: dict(x.serials) for sku, x in articles.items()})
        for pointer, piece in remove:
            if change.now.get(piece.sku, {}).pop(piece.serial.upper(), None) is None:
                raise NotFound(
                    f"{shipment.number} has no {piece.sku} with serial number {piece.serial}.",
                    code="unknown_serial",
                    pointer=pointer,
                )
            change.removed.append((articles[piece.sku], piece.serial))
        gone = {(article.product_id, serial.upper()) for article, serial in change.removed}
        for pointer, piece in add:
            article = _article(articles, piece, shipment, pointer)
            self._check_free(article, piece, change, gone, pointer)
            change.now[piece.sku][piece.serial.upper()] = piece.serial
            change.added.append((article, piece.serial))
        return change

    def _check_free(
        self, article: _Article, piece: SerialPiece, change: SerialChange, gone: set[tuple[UUID, str]], pointer: str
    ) -> None:  # fmt: skip
        key = (article.product_id, piece.serial.upper())
        # A whole GS1 code has the article's number in it; only its serial number (AI 21) is meant.
        if key[1] in article.codes or (article.gtin and article.gtin in key[1]):
            raise BadInput(
                f"{piece.serial} means the article; scan the serial number of the piece.",
                code="serial_is_article",
                pointer=pointer,
            )
        if key[1] in change.now[article.sku]:
            raise WrongState(
                f"{piece.serial} is recorded for this shipment already.",
                code="serial_twice",
                pointer=pointer,
            )
        if key in self._out and key not in gone:
            where = self._out[key] or "another shipment"
            raise WrongState(
                f"{article.sku} with serial number {piece.serial} is out with {where} and has not come back.",
                code="serial_out",
                pointer=pointer,
            )
        if len(change.now[article.sku]) >= article.pieces:
            raise LimitExceeded(
                f"{change.shipment.number} holds {article.pieces} of {article.sku}, and as many serial numbers are recorded.",
                code="too_many_serials",
                pointer=pointer,
            )

    def check_leaving(self, change: SerialChange, pieces: Mapping[UUID, int]) -> None:
        """Refuse (WrongState) a shipment that would leave with other than one number per piece, per product."""
        for article in self._articles.get(change.shipment.id, {}).values():
            going, known = pieces.get(article.product_id, 0), len(change.now[article.sku])
            if known < going:
                raise WrongState(
                    f"Serial numbers are missing: {known} of {going} of {article.sku} in {change.shipment.number}.",
                    code="serials_missing",
                )
            if known > going:
                raise WrongState(
                    f"Only {going} of {article.sku} leave, but {known} serial numbers are recorded; take off those that stay.",
                    code="serials_stay",
                )

    def has_numbers(self, shipment_id: UUID, product_id: UUID) -> bool:
        """Tell whether pieces of a product leave with their serial numbers."""
        mine = self._articles.get(shipment_id, {})
        return any(article.product_id == product_id for article in mine.values())

    def use(self, change: SerialChange) -> None:
        """Take a checked change as made; `write` writes it."""
        for article, serial in change.removed:
            self._out.pop((article.product_id, serial.upper()), None)
        for article, serial in change.added:
            self._out[(article.product_id, serial.upper())] = change.shipment.number
        for sku, serials in change.now.items():
            self._articles[change.shipment.id][sku].serials = serials
        self._changed[change.shipment.id] = change.shipment

    def write(self, unit: UnitOfWork) -> None:
        """Write what was used; nothing, and no statement, where nothing is different. One event per shipment."""
        removed: list[tuple[UUID, _Article, str]] = []
        added: list[tuple[UUID, _Article, str]] = []
        for key in self._changed:
            for article in self._articles.get(key, {}).values():
                removed += [(key, article, each) for each in sorted(article.stored.keys() - article.serials.keys())]  # fmt: skip
                added += [(key, article, each) for each in sorted(article.serials.keys() - article.stored.keys())]  # fmt: skip
        if not (removed or added):
            return
        parameters = [key for key, _, _ in removed], [a.product_id for _, a, _ in removed], [each for _, _, each in removed]  # fmt: skip
        sql.execute(_REMOVE, parameters)
        self._insert(unit, added)
        versions = touch(list(dict.fromkeys(key for key, _, _ in (*removed, *added))))
        for key, version in versions.items():
            shipment = self._changed[key]
            data = {
                "number": shipment.number,
                "added": [f"{a.sku} {a.serials[each]}" for of, a, each in added if of == key],
                "removed": [f"{a.sku} {a.stored[each]}" for of, a, each in removed if of == key],
            }
            subject = Subject("shipment", key, version, shipment.order_id, shipment.shop_id)
            unit.record(SHIPMENT_SERIALS_RECORDED, subject, STILL, data)

    def _insert(self, unit: UnitOfWork, added: Sequence[tuple[UUID, _Article, str]]) -> None:
        rows = [
            {
                "id": ids.new_id(), "shop_id": self._changed[key].shop_id, "order_id": self._changed[key].order_id,
                "location_id": self._changed[key].location_id, "shipment_id": key, "product_id": article.product_id,
                "serial": article.serials[each], "recorded_at": clock.now(), "recorded_by": unit.actor.name,
            }
            for key, article, each in sorted(added, key=lambda one: (one[1].product_id, one[2]))
        ]  # fmt: skip
        made = sql.insert_rows("shipments_serial", _COLUMNS, rows, tail="on conflict do nothing returning id")  # fmt: skip
        if len(made) != len(rows):
            # Somebody recorded one of these pieces elsewhere between looking and writing.
            raise Again("A piece was recorded for another shipment meanwhile; try again.")


def _article(
    articles: Mapping[str, _Article], piece: SerialPiece, shipment: ShipmentState, pointer: str
) -> _Article:
    if piece.sku not in articles:
        raise BadInput(
            f"{shipment.number} holds no {piece.sku} whose pieces leave by serial number.",
            code="serial_not_kept",
            pointer=f"{pointer.removesuffix('/serial')}/sku"
            if pointer.endswith("/serial")
            else pointer,
        )
    return articles[piece.sku]


def take_back(lines: Mapping[UUID, UUID]) -> None:
    """Write that pieces came back: per recorded serial number the return's line. Their orders are locked."""
    if lines:
        sql.execute(
            "update shipments_serial s set returned_at = %s, return_line_id = t.line_id "
            "from unnest(%s::uuid[], %s::uuid[]) as t(id, line_id) where s.id = t.id",
            (clock.now(), list(lines), list(lines.values())),
        )


def shipments_with_returned_pieces(shipment_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of which a piece came back by its serial number."""
    rows = sql.fetch(
        "select distinct shipment_id from shipments_serial where shipment_id = any(%s) and returned_at is not null",
        (list(shipment_ids),),
    )
    return frozenset(row[0] for row in rows)

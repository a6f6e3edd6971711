"""Parcels: what each weighs, measures and holds; never more of a line than the shipment has."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound
from orderwerk.orders.document import MAX_LINES

MAX_PACKAGES = 99
TrackingCode = Annotated[str, msgspec.Meta(max_length=100, pattern=r"^[^\r\n\t]*(?![\s\S])")]
Millimetres = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class PackedItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of a line that lie in a parcel: the shipment's own, or that of a shipment that travels in its parcel."""

    shipment_line_id: UUID
    quantity: fields.Quantity


class PackageItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One parcel: its weight in grams, its size in millimetres, its own tracking code, what lies in it, and in which box."""

    weight_grams: fields.Grams | None = None
    length_mm: Millimetres | None = None
    width_mm: Millimetres | None = None
    height_mm: Millimetres | None = None
    contents: Annotated[list[PackedItem], msgspec.Meta(max_length=MAX_LINES)] = []
    tracking_code: TrackingCode = ""
    box: fields.Line = ""


EMPTY: Mapping[str, Any] = msgspec.to_builtins(PackageItem())
_SIZES = ("weight_grams", "length_mm", "width_mm", "height_mm")


def as_stored(package: PackageItem) -> dict[str, Any]:
    """Return a parcel's item as `read_packages` would return it once it is stored."""
    values: dict[str, Any] = msgspec.to_builtins(package)
    values["contents"].sort(key=lambda line: line["shipment_line_id"])
    return values


# What lies in a package: lines of its shipment, and of those that travel in its parcel, as long as they do and have as many pieces.
LIES_IN = """(
  select x.shipment_line_id, x.quantity from shipments_package_line x where x.package_id = g.id
  union all
  select c.shipment_line_id, c.quantity from shipments_carried_line c join shipments_line k on k.id = c.shipment_line_id and k.is_live
  join shipments_shipment t on t.id = k.shipment_id and t.combined_into_id = g.shipment_id
  where c.package_id = g.id and k.quantity >= (
    select sum(d.quantity) from shipments_carried_line d where d.shipment_line_id = k.id and d.shipment_id = g.shipment_id)
)"""


def taken_out(lines: str) -> str:
    """Return the part of a statement that takes lines, the ids of a part of it, out of the packages of the parcel that they travel in."""
    return f"taken_out as (delete from shipments_carried_line c using {lines} x where c.shipment_line_id = x.id)"


def cleared(shipments: str) -> str:
    """Return the part of a statement that takes what belongs to others out of the packages of shipments, the ids of a part of it."""
    return f"cleared as (delete from shipments_carried_line c using {shipments} x where c.shipment_id = x.id)"


def read_packages(shipment_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the parcels of shipments as their items say them."""
    found: dict[UUID, list[dict[str, Any]]] = {key: [] for key in shipment_ids}
    for row in sql.fetch(
        f"select g.shipment_id, {', '.join(f'g.{name}' for name in _SIZES)}, g.tracking_code, g.box, coalesce((select jsonb_agg("
        "jsonb_build_object('shipment_line_id', x.shipment_line_id, 'quantity', x.quantity) order by x.shipment_line_id) "
        f"from {LIES_IN} x), '[]') "
        "from shipments_package g where g.shipment_id = any(%s) order by g.shipment_id, g.position",
        (list(shipment_ids),),
    ):
        sizes = dict(zip(_SIZES, row[1:5], strict=True))
        contents = sql.from_json(row[7])
        found[row[0]].append(
            {**sizes, "contents": contents, "tracking_code": row[5], "box": row[6]}
        )
    return found


def read_contents(shipment_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, int]]:
    """Return the live lines of shipments with their pieces."""
    found: dict[UUID, dict[UUID, int]] = {key: {} for key in shipment_ids}
    for shipment, line, pieces in sql.fetch(
        "select shipment_id, id, quantity from shipments_line where shipment_id = any(%s) and is_live",
        (list(shipment_ids),),
    ):
        found[shipment][line] = pieces
    return found


def lines_of_parcel(
    shipment_id: UUID,
    contents: Mapping[UUID, Mapping[UUID, int]],
    carried: Mapping[UUID, Sequence[UUID]],
) -> dict[UUID, int]:
    """Return of a shipment, and of those in its parcel, the live lines with their pieces."""
    found: dict[UUID, int] = {}
    for key in (shipment_id, *carried.get(shipment_id, ())):
        found |= contents[key]
    return found


def check_contents(packages: object, lines: Mapping[UUID, int]) -> None:
    """Refuse parcels that hold more than the shipment, with those in its parcel, has, or what it does not have."""
    packed: Counter[UUID] = Counter()
    for index, package in enumerate(packages if isinstance(packages, list) else ()):
        named: set[UUID] = set()
        for place, line in enumerate(package.contents):
            pointer = f"/packages/{index}/contents/{place}"
            if line.shipment_line_id not in lines:
                raise NotFound(
                    "The shipment has no such line.",
                    code="unknown_shipment_line",
                    pointer=f"{pointer}/shipment_line_id",
                )
            if line.shipment_line_id in named:
                raise BadInput(
                    "The line is named twice in one parcel.",
                    code="duplicate_line",
                    pointer=f"{pointer}/shipment_line_id",
                )
            named.add(line.shipment_line_id)
            packed[line.shipment_line_id] += line.quantity
            if packed[line.shipment_line_id] > lines[line.shipment_line_id]:
                raise LimitExceeded(
                    f"The shipment holds {lines[line.shipment_line_id]} of this, not {packed[line.shipment_line_id]}.",
                    code="too_many_packed",
                    pointer=f"{pointer}/quantity",
                )


_COUNT = """
update shipments_line l set packed = coalesce(t.n, 0)
from shipments_line k left join unnest(%s::uuid[], %s::int[]) as t(id, n) on t.id = k.id
where k.shipment_id = any(%s) and k.is_live and l.id = k.id and l.packed <> coalesce(t.n, 0)
"""


_PARCEL = "id uuid, shipment_id uuid, position int, weight_grams int, length_mm int, width_mm int, height_mm int, tracking_code text, box text"
_LIES = "id uuid, shipment_id uuid, package_id uuid, shipment_line_id uuid, quantity int"
# The package at a place stays the one that it was: a label may stick on it.
_AGAIN = f"""
on conflict (shipment_id, position) do update set {", ".join(f"{c} = excluded.{c}" for c in (*_SIZES, "tracking_code", "box"))}
returning shipment_id, position, id
"""
_FEWER = """
delete from shipments_package g using unnest(%s::uuid[], %s::int[]) as t(id, n) where g.shipment_id = t.id and g.position > t.n
"""


def replace_packages(packages: Mapping[UUID, Sequence[Mapping[str, Any]]]) -> None:
    """Replace the parcels of shipments; their own lines count what is packed."""
    keys = list(packages)
    for table in ("shipments_package_line", "shipments_carried_line"):
        sql.execute(f"delete from {table} where shipment_id = any(%s)", (keys,))
    sql.execute(_FEWER, (keys, [len(wanted) for wanted in packages.values()]))
    parcels = [
        {
            "id": ids.new_id(), "shipment_id": key, "position": position, "tracking_code": parcel["tracking_code"],
            "box": parcel["box"], **{name: parcel[name] for name in _SIZES},
        }
        for key, wanted in packages.items()
        for position, parcel in enumerate(wanted, start=1)
    ]  # fmt: skip
    rows = sql.insert_rows("shipments_package", _PARCEL, parcels, tail=_AGAIN)
    made = {(shipment_id, position): key for shipment_id, position, key in rows}
    own = _own_lines(keys)
    lines: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    packed: Counter[str] = Counter()
    for shipment_id, wanted in packages.items():
        for position, parcel in enumerate(wanted, start=1):
            for line in parcel["contents"]:
                is_own = str(line["shipment_line_id"]) in own
                if is_own:
                    packed[str(line["shipment_line_id"])] += line["quantity"]
                lines[is_own].append(
                    {
                        "id": ids.new_id(),
                        "shipment_id": shipment_id,
                        "package_id": made[shipment_id, position],
                        **line,
                    }
                )
    for is_own, table in ((True, "shipments_package_line"), (False, "shipments_carried_line")):
        sql.insert_rows(table, _LIES, lines[is_own])
    sql.execute(_COUNT, (list(packed), list(packed.values()), keys))


def _own_lines(shipment_ids: Sequence[UUID]) -> set[str]:
    rows = sql.fetch(
        "select id::text from shipments_line where shipment_id = any(%s)", (list(shipment_ids),)
    )
    return {row[0] for row in rows}


def same_but_codes(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether two lists of parcels differ in nothing but the parcels' own tracking codes."""
    return [{**each, "tracking_code": ""} for each in one] == [
        {**each, "tracking_code": ""} for each in other
    ]


_RECODE = """
update shipments_package g set tracking_code = t.code
from unnest(%s::uuid[], %s::int[], %s::text[]) as t(shipment_id, position, code)
where g.shipment_id = t.shipment_id and g.position = t.position and g.tracking_code <> t.code
"""


def set_codes(packages: Mapping[UUID, Sequence[Mapping[str, Any]]]) -> None:
    """Give the parcels of shipments their tracking codes, and leave everything else of them as it is."""
    rows = [
        (key, position, parcel["tracking_code"])
        for key, wanted in packages.items()
        for position, parcel in enumerate(wanted, start=1)
    ]
    sql.execute(_RECODE, ([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]))  # fmt: skip


def write_packages(
    packages: Mapping[UUID, Sequence[PackageItem]],
) -> list[tuple[UUID, int, UUID, UUID]]:
    """Give locked shipments other packages, for a flow that checks and records by itself.

    What was known of the package at the same place and is left out now (its own tracking code; its contents, where
    there are as many packages as before) stays. Returns the shipment, its new version, its order and its shop of each.
    """
    known = read_packages(list(packages))
    replace_packages({key: _kept(mine, known[key]) for key, mine in packages.items()})
    rows = sql.fetch(
        "update shipments_shipment set version = version + 1 where id = any(%s) returning id, version, order_id, shop_id",
        (list(packages),),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _kept(
    wanted: Sequence[PackageItem], known: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    packages = [as_stored(each) for each in wanted]
    for package, before in zip(packages, known, strict=False):
        package["tracking_code"] = package["tracking_code"] or before["tracking_code"]
    if len(packages) == len(known) and not any(package["contents"] for package in packages):
        for package, before in zip(packages, known, strict=True):
            package["contents"] = before["contents"]
    return packages

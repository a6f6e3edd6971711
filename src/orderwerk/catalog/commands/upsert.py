"""Creates or changes products by sku."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import msgspec
from django.db import IntegrityError
from stdnum import ean

from orderwerk.catalog.events import PRODUCT_CREATED, PRODUCT_UPDATED
from orderwerk.catalog.kits import MOST_COMPONENTS, ComponentItem, KitBook
from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.changes import differences
from orderwerk.core.countries import check_country
from orderwerk.core.errors import BadInput, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work

_COLUMNS = "id uuid, sku text, name text, gtin text, weight_grams int, image_url text, hs_code text, origin_country text, tracking text, min_shelf_days int, substitutes text[], vat_exemption text, vat_exemption_code text, version int, created_at timestamptz, updated_at timestamptz"
_DATA = (
    "name",
    "gtin",
    "weight_grams",
    "image_url",
    "hs_code",
    "origin_country",
    "tracking",
    "min_shelf_days",
    "substitutes",
    "vat_exemption",
    "vat_exemption_code",
)
_OVERWRITE = f"on conflict (sku) do update set {', '.join(f'{c} = excluded.{c}' for c in (*_DATA, 'version', 'updated_at'))}"


class ProductItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A product as the merchant knows it; fields left out keep their value.

    `substitutes`: the skus that may be offered in its place when it is short, best first.
    `tracking`: `lot` where its pieces are received, counted, picked and found again by lot; `serial` where each piece leaves
    and comes back by its serial number; else `none`. `min_shelf_days`: of a lot, pieces leave only while so many days of it are left.
    `vat_exemption`, `vat_exemption_code`: why it is sold without VAT, in words and as a code of the list VATEX (Directive
    2006/112/EC, articles 132 to 137 and 312 to 325); what is sold of it at 0 % is exempt then.
    """

    sku: fields.Sku
    name: fields.Name
    gtin: fields.Line | msgspec.UnsetType | None = msgspec.UNSET
    weight_grams: fields.Grams | msgspec.UnsetType | None = msgspec.UNSET
    image_url: fields.Url | msgspec.UnsetType | None = msgspec.UNSET
    hs_code: fields.Line | msgspec.UnsetType | None = msgspec.UNSET
    origin_country: fields.Country | msgspec.UnsetType | None = msgspec.UNSET
    tracking: Literal["none", "lot", "serial"] | msgspec.UnsetType = msgspec.UNSET
    min_shelf_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] | msgspec.UnsetType = msgspec.UNSET
    substitutes: Annotated[list[fields.Sku], msgspec.Meta(max_length=20)] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    vat_exemption: fields.Line | msgspec.UnsetType | None = msgspec.UNSET
    vat_exemption_code: fields.Vatex | msgspec.UnsetType | None = msgspec.UNSET
    components: (
        Annotated[list[ComponentItem], msgspec.Meta(max_length=MOST_COMPONENTS)] | msgspec.UnsetType
    ) = msgspec.UNSET

    def __post_init__(self) -> None:
        """Take blanks for no reason: what is sold without VAT is exempt only where something says why."""
        if isinstance(self.vat_exemption, str):
            msgspec.structs.force_setattr(self, "vat_exemption", self.vat_exemption.strip())


def upsert_products(items: Sequence[ProductItem], *, actor: Actor) -> list[Outcome]:
    """Create or change products; a sku named twice in one call counts as changed twice, in order.

    Who is limited to shops or locations may add products and send known ones again, but changes none (NotAllowed): all
    shops share them. Refuses (BadInput) a GTIN whose check digit is wrong (GS1 General Specifications), a country of origin that is none or the product as
    its own substitute, with NotFound a substitute that is not there; for a kit with NotFound a
    component that is not there, with BadInput one that stands twice, with WrongState a kit inside a kit, or lots that begin
    or end while pieces are on hand or in transit.
    """
    # Goods may come in between the look for them and the change of how they are kept, which PostgreSQL then refuses.
    return retrying(lambda: _upsert(items, actor), also=(IntegrityError,))


def _upsert(items: Sequence[ProductItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        parts = [
            c.sku for item in items if isinstance(item.components, list) for c in item.components
        ]
        skus = sorted({item.sku for item in items} | set(parts) | _offered(items))
        unit.lock_settings([("product", sku) for sku in skus])
        rows = sql.fetch(
            f"select id, sku, version, created_at, {', '.join(_DATA)} from catalog_product "
            "where sku = any(%s) order by sku for no key update",
            (skus,),
        )
        known = {
            row[1]: dict(zip(("id", "sku", "version", "created_at", *_DATA), row, strict=True))
            for row in rows
        }
        in_stock = _in_stock([known[i.sku]["id"] for i in items if _retracks(i, known)])
        kits = KitBook([row["id"] for row in known.values()])
        written: dict[str, dict[str, Any]] = {}
        for item in items:
            row = _merged(known.get(item.sku), item)
            change = differences(known.get(item.sku, {}), {name: row[name] for name in _DATA})
            try:
                _check_gtin(item)
                _check_origin(item, known)
                _check_substitutes(item, known)
                _check_tracking(item, known, in_stock)
                if change:
                    _check_shared(item, known, actor)
                change |= _kit_change(item, row["id"], known, kits, actor)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            created = item.sku not in known
            if created or change:
                row["version"] += 1
                row["updated_at"] = clock.now()
                subject = Subject("product", row["id"], row["version"])
                kind = PRODUCT_CREATED if created else PRODUCT_UPDATED
                unit.record(
                    kind, subject, STILL, {"sku": item.sku} if created else {"changes": change}
                )
                known[item.sku] = written[item.sku] = row
            outcomes.append(Outcome.done(cast(UUID, row["id"]), sku=item.sku, created=created))
        if written:
            stored = [written[sku] for sku in sorted(written)]
            sql.insert_rows("catalog_product", _COLUMNS, stored, tail=_OVERWRITE + " returning id")
            kits.store()
    return outcomes


def _check_origin(item: ProductItem, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse a country that is none; what stood there before is let stand."""
    country = item.origin_country
    if isinstance(country, str) and country != known.get(item.sku, {}).get("origin_country"):
        check_country(country, "/origin_country", is_exact=True)


def _check_gtin(item: ProductItem) -> None:
    if isinstance(item.gtin, str) and item.gtin and not ean.is_valid(item.gtin):
        raise BadInput(
            f"{item.gtin} is not a GTIN: the check digit is wrong.",
            code="invalid_gtin",
            pointer="/gtin",
        )


def _offered(items: Sequence[ProductItem]) -> set[str]:
    return {sku for i in items if isinstance(i.substitutes, list) for sku in i.substitutes}


def _check_substitutes(item: ProductItem, known: Mapping[str, dict[str, Any]]) -> None:
    for index, sku in enumerate(item.substitutes if isinstance(item.substitutes, list) else ()):
        if sku == item.sku:
            raise BadInput(
                "This is the article itself.", code="same_article", pointer=f"/substitutes/{index}"
            )
        if sku not in known:
            raise NotFound(
                f"There is no product {sku}.",
                code="unknown_sku",
                pointer=f"/substitutes/{index}",
            )


def _retracks(item: ProductItem, known: Mapping[str, dict[str, Any]]) -> bool:
    row = known.get(item.sku)
    if row is None or item.tracking is msgspec.UNSET:
        return False
    # Serial numbers are recorded as pieces leave: what lies on the shelves is the same with and without them.
    return bool((item.tracking == "lot") != (row["tracking"] == "lot"))


# Held so that no piece moves meanwhile: movements hold their product, as a trigger sees to it.
_IN_STOCK = """
with held as (select id from catalog_product where id = any(%s) order by id for update)
select h.id from held h where exists (select from stock_level s where s.product_id = h.id and s.on_hand <> 0)
  or exists (select from stock_inbound_line x join stock_inbound i on i.id = x.inbound_id and i.kind = 'transfer'
    where x.product_id = h.id and x.expected > x.received + x.closed)
"""


def _in_stock(products: Sequence[UUID]) -> frozenset[UUID]:
    """Return which products have pieces on hand or in transit; no statement where none is asked for."""
    return frozenset(row[0] for row in sql.fetch(_IN_STOCK, (list(products),))) if products else frozenset()  # fmt: skip


def _check_tracking(
    item: ProductItem, known: Mapping[str, dict[str, Any]], in_stock: frozenset[UUID]
) -> None:
    if _retracks(item, known) and known[item.sku]["id"] in in_stock:
        raise WrongState(
            f"Pieces of {item.sku} are there; whether it is kept by lot changes only while there are none.",
            code="tracking_in_stock",
            pointer="/tracking",
        )


def _check_shared(item: ProductItem, known: Mapping[str, dict[str, Any]], actor: Actor) -> None:
    # Products belong to no shop: what one writes here stands on the papers and shelves of all.
    if item.sku in known:
        actor.ensure_everything()


def _kit_change(
    item: ProductItem,
    product: UUID,
    known: Mapping[str, dict[str, Any]],
    kits: KitBook,
    actor: Actor,
) -> dict[str, Any]:
    if not isinstance(item.components, list):
        return {}
    before = kits.of(product)
    wanted = kits.wanted(
        product, item.components, {sku: cast(UUID, row["id"]) for sku, row in known.items()}
    )
    if wanted == before:
        return {}
    _check_shared(item, known, actor)
    kits.set(product, wanted)
    return {
        "components": [
            len(before),
            [msgspec.to_builtins(component) for component in item.components],
        ]
    }


def _merged(known: dict[str, Any] | None, item: ProductItem) -> dict[str, Any]:
    row = (
        dict(known)
        if known
        else {"id": ids.new_id(), "sku": item.sku, "version": 0, "created_at": clock.now()}
    )
    for name in _DATA:
        value = getattr(item, name)
        row[name] = row.get(name) if value is msgspec.UNSET else (value if value != "" else None)
    row["tracking"] = row["tracking"] or "none"
    row["min_shelf_days"] = row["min_shelf_days"] or 0
    row["substitutes"] = list(dict.fromkeys(cast(list[str], row["substitutes"] or [])))
    return row

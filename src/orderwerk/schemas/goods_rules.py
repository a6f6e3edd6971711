"""The public shapes of the rules by which goods are sent: routing rules, shipping rules, carriers, box sizes."""

from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.allocations.groups import Group, rules_of
from orderwerk.allocations.rule_queries import RoutingRow
from orderwerk.allocations.rules import Rule
from orderwerk.core.errors import ensure
from orderwerk.shipments.box_queries import BoxSizesRow
from orderwerk.shipments.carrier_queries import CarrierRow
from orderwerk.shipments.commands.set_box_sizes import BoxSizeItem
from orderwerk.shipments.commands.set_shipping_rules import ShippingRuleItem
from orderwerk.shipments.commands.upsert_carriers import CarrierService
from orderwerk.shipments.rule_queries import ShippingRulesRow


class RoutingRules(msgspec.Struct, frozen=True):
    """A shop's groups of routing rules in the order in which they are asked; `draft_groups` wait to be put into force.

    `rules` and `draft` are the rules of those groups that are on, in one list.
    """

    id: UUID
    shop: str
    groups: list[Group]
    draft_groups: list[Group] | None
    rules: list[Rule]
    draft: list[Rule] | None
    version: int
    updated_at: datetime


def routing_rules(row: RoutingRow) -> RoutingRules:
    """Return the public shape of a shop's routing rules."""
    ensure(row.id is not None and row.updated_at is not None, "rules that were set")
    draft = None if row.draft is None else rules_of(row.draft)
    return RoutingRules(
        row.id,  # type: ignore[arg-type]
        row.shop,
        row.groups,
        row.draft,
        row.rules,
        draft,
        row.version,
        row.updated_at,  # type: ignore[arg-type]
    )


class BoxSizes(msgspec.Struct, frozen=True):
    """In which boxes a shop packs, in the order in which they are shown; `id` is the shop's."""

    id: UUID
    shop: str
    boxes: list[BoxSizeItem]
    version: int


def box_sizes(row: BoxSizesRow) -> BoxSizes:
    """Return the public shape of a shop's boxes."""
    return BoxSizes(row.id, row.shop, row.boxes, row.version)


class Carrier(msgspec.Struct, frozen=True):
    """A carrier that can be chosen for shipments of every shop, as long as it is active.

    `tracking_link`: where a parcel is followed, with `{code}`, `{postal_code}` and `{country}`; empty where there is none.
    """

    id: UUID
    code: str
    name: str
    tracking_link: str
    services: list[CarrierService]
    is_active: bool
    version: int


def carrier(row: CarrierRow) -> Carrier:
    """Return the public shape of a carrier."""
    return Carrier(
        row.id, row.code, row.name, row.tracking_link, row.services, row.is_active, row.version
    )


class ShippingRules(msgspec.Struct, frozen=True):
    """By which rules a shop proposes carrier and service, in the order in which they are asked; `id` is the shop's."""

    id: UUID
    shop: str
    rules: list[ShippingRuleItem]
    version: int


def shipping_rules(row: ShippingRulesRow) -> ShippingRules:
    """Return the public shape of a shop's shipping rules."""
    return ShippingRules(row.id, row.shop, row.rules, row.version)

"""Kits: which products go into another, and the one place that changes it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.errors import BadInput, NotFound, WrongState

MOST_COMPONENTS = 100


class ComponentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of a product in one kit."""

    sku: fields.Sku
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1


# kit → component → pieces in one kit
Kits = dict[UUID, dict[UUID, int]]


class KitBook:
    """The kits among locked products, as a bulk command changes them item by item."""

    def __init__(self, product_ids: Sequence[UUID]) -> None:
        named = list(product_ids)
        rows = sql.fetch(
            "select kit_id, product_id, quantity from catalog_component where kit_id = any(%s) or product_id = any(%s)",
            (named, named),
        )
        self._kits: Kits = defaultdict(dict)
        for kit, product, quantity in rows:
            self._kits[kit][product] = quantity
        self._changed: dict[UUID, dict[UUID, int]] = {}

    def of(self, kit: UUID) -> dict[UUID, int]:
        """Return what a product consists of: nothing when it is no kit."""
        return self._kits.get(kit, {})

    def wanted(
        self, kit: UUID, components: Sequence[ComponentItem], known: Mapping[str, UUID]
    ) -> dict[UUID, int]:
        """Return components by product; refuses with NotFound, BadInput (itself, twice) or WrongState (a kit in a kit)."""
        wanted: dict[UUID, int] = {}
        for index, item in enumerate(components):
            pointer = f"/components/{index}/sku"
            product = known.get(item.sku)
            if product is None:
                raise NotFound(
                    f"There is no product {item.sku}.", code="unknown_sku", pointer=pointer
                )
            if product == kit or product in wanted:
                raise BadInput(
                    f"{item.sku} cannot stand in its own kit, or twice in one.",
                    code="duplicate_component",
                    pointer=pointer,
                )
            if self.of(product):
                raise WrongState(
                    f"{item.sku} is a kit itself; name what it consists of.",
                    code="kit_in_kit",
                    pointer=pointer,
                )
            wanted[product] = item.quantity
        if wanted and any(kit in parts for parts in self._kits.values()):
            raise WrongState(
                "This product is part of a kit, so it cannot be one.",
                code="kit_in_kit",
                pointer="/components",
            )
        return wanted

    def set(self, kit: UUID, components: dict[UUID, int]) -> None:
        """Note what a product consists of from now on."""
        self._kits[kit] = self._changed[kit] = components

    def store(self) -> None:
        """Write what was changed; orders placed before keep the components that they were placed with."""
        if not self._changed:
            return
        sql.execute("delete from catalog_component where kit_id = any(%s)", (list(self._changed),))
        rows = [
            {"id": ids.new_id(), "kit_id": kit, "product_id": product, "quantity": quantity}
            for kit, parts in self._changed.items()
            for product, quantity in parts.items()
        ]
        sql.insert_rows(
            "catalog_component", "id uuid, kit_id uuid, product_id uuid, quantity int", rows
        )

"""The console's sections in the order in which an order passes through them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the navigation: where it leads, what it needs, and its key after "g"."""

    slug: str
    label: Promise | str
    icon: str
    scope: str
    key: str
    on_phone: bool = False

    @property
    def path(self) -> str:
        """The address of the section's overview."""
        return f"/{self.slug}/"


SECTIONS = (
    Section("orders", _("Orders"), "shopping-bag", "orders:read", "o", on_phone=True),
    Section("allocations", _("Allocations"), "arrows-split-2", "stock:read", "a"),
    Section("pick-lists", _("Pick lists"), "clipboard-list", "shipping:read", "p", on_phone=True),
    Section("shipments", _("Shipments"), "truck-delivery", "shipping:read", "s", on_phone=True),
    Section("invoices", _("Invoices"), "file-invoice", "billing:read", "i"),
    Section("return-requests", _("Return requests"), "inbox", "returns:read", "q"),
    Section("returns", _("Returns"), "truck-return", "returns:read", "r"),
    Section("refunds", _("Refunds"), "receipt-refund", "refunds:read", "f"),
)
GOODS = (
    Section("scan", _("Scan"), "scan", "shipping:write", "c", on_phone=True),
    Section("stock", _("Stock"), "stack-2", "stock:read", "v", on_phone=True),
    Section("inbound", _("Inbound"), "package-import", "stock:read", "n"),
    Section("products", _("Products"), "box", "stock:read", "d"),
)
SETTINGS = Section("settings", _("Settings"), "settings", "settings:read", "e")

"""The order document: what a webshop sends. Strict: unknown fields, wrong types and odd amounts are refused."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from orderwerk.core import fields

MAX_LINES = 2000


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the document; unknown fields are refused, so that a typing mistake is never lost."""


class Customer(_Part, frozen=True, kw_only=True):
    """Who bought."""

    external_id: fields.ExternalId | None = None
    email: fields.Email | None = None
    name: fields.Name
    phone: fields.Phone | None = None
    company: fields.Line | None = None
    vat_number: fields.Line | None = None


class Address(_Part, frozen=True, kw_only=True):
    """Where to send to or whom to bill; `company_number`: under which that company is registered (in the Netherlands KVK or OIN).

    Left out and null are two things, so that a document of before has the hash that it had.
    """

    name: fields.Name
    company: fields.Line | None = None
    street: fields.Line
    house_number: fields.Line | None = None
    house_number_suffix: fields.Line | None = None
    line2: fields.Line | None = None
    postal_code: (
        Annotated[str, msgspec.Meta(max_length=20, pattern=r"^[^\r\n\t]*(?![\s\S])")] | None
    ) = None
    city: fields.Line
    region: fields.Line | None = None
    country: fields.Country
    company_number: fields.Line | msgspec.UnsetType | None = msgspec.UNSET


class DocumentLine(_Part, frozen=True, kw_only=True):
    """One article; `discount` is the whole line's.

    `vat_exemption`, `vat_exemption_code`: why it bears no VAT, in words and as a code of the list VATEX; left out, what the
    catalogue says of the article counts. Left out of the fingerprint then: documents from before these fields stay the same.
    """

    external_id: fields.ExternalId | None = None
    sku: fields.Sku
    name: fields.LongName
    quantity: fields.Quantity
    unit_price: fields.Amount
    discount: fields.Amount = "0"
    tax_rate: fields.Rate
    vat_exemption: fields.Line | msgspec.UnsetType | None = msgspec.UNSET
    vat_exemption_code: fields.Vatex | msgspec.UnsetType | None = msgspec.UNSET

    def __post_init__(self) -> None:
        """Take null for left out."""
        for name in ("vat_exemption", "vat_exemption_code"):
            if getattr(self, name) is None:
                msgspec.structs.force_setattr(self, name, msgspec.UNSET)

    @property
    def exemption(self) -> tuple[str, str] | None:
        """Why it bears no VAT, words and code; None where the document does not say."""
        if self.vat_exemption is msgspec.UNSET and self.vat_exemption_code is msgspec.UNSET:
            return None
        return (self.vat_exemption or "").strip(), self.vat_exemption_code or ""


class Shipping(_Part, frozen=True, kw_only=True):
    """How the goods get to the shopper and what it costs; `collect_at` is the stock location where they are collected."""

    method: fields.Line = ""
    name: fields.Line = ""
    price: fields.Amount = "0"
    tax_rate: fields.Rate = "0"
    # Left out of the fingerprint where nothing is collected: documents from before this field stay the same.
    collect_at: fields.Code | msgspec.UnsetType | None = msgspec.UNSET

    def __post_init__(self) -> None:
        """Take null for left out."""
        if self.collect_at is None:
            msgspec.structs.force_setattr(self, "collect_at", msgspec.UNSET)

    @property
    def collected_at(self) -> str | None:
        """The code of the location where the order is collected; None for one that is sent."""
        return self.collect_at or None


class Discount(_Part, frozen=True, kw_only=True):
    """A discount on the whole order, divided over its lines."""

    code: fields.Line | None = None
    amount: fields.Amount = "0"


class DocumentPayment(_Part, frozen=True, kw_only=True):
    """A payment as the provider reported it to the webshop."""

    provider: fields.Provider
    method: fields.Method = ""
    reference: fields.ExternalId
    status: Literal["pending", "authorized", "paid", "failed"]
    amount: fields.Amount


Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[^\r\n\t]*(?![\s\S])")]


class OrderDocument(_Part, frozen=True, kw_only=True):
    """One order as placed in a webshop; `delivery_address` left out means the billing address."""

    shop: fields.Code
    external_id: fields.ExternalId
    number: fields.Code | None = None
    placed_at: datetime
    currency: fields.Currency
    locale: fields.Locale | None = None
    prices_include_tax: bool
    customer: Customer
    billing_address: Address
    delivery_address: Address | None = None
    lines: Annotated[list[DocumentLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    shipping: Shipping = Shipping()
    discount: Discount = Discount()
    payments: Annotated[list[DocumentPayment], msgspec.Meta(max_length=50)] = []
    comment: fields.Text | None = None
    tags: Annotated[list[Tag], msgspec.Meta(max_length=50)] = []
    metadata: Annotated[dict[fields.Name, fields.LongLine], msgspec.Meta(max_length=50)] = {}

"""Says in words what an event tells: one sentence per kind, with old and new values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from orderwerk.allocations.explain import not_gathered
from orderwerk.console.statuses import STEPS, pill_of
from orderwerk.console.templatetags.console import local, money
from orderwerk.invoices.statuses import CreditCause
from orderwerk.orders.rows import EventRow

Payload = Mapping[str, Any]
_WHO: dict[str, str | Promise] = {
    "job": gettext_lazy("by itself"),
    "system": gettext_lazy("program"),
    "token": gettext_lazy("API"),
}
_FIELDS: dict[str, str | Promise] = {
    "billing_address": gettext_lazy("Billing address"),
    "delivery_address": gettext_lazy("Delivery address"),
    "customer_name": gettext_lazy("Name"),
    "customer_email": gettext_lazy("E-mail"),
    "customer_phone": gettext_lazy("Phone"),
    "customer_company": gettext_lazy("Company"),
    "customer_vat_number": gettext_lazy("VAT number"),
    "comment": gettext_lazy("Comment"),
    "tags": gettext_lazy("Tags"),
    "priority": gettext_lazy("Priority"),
    "packages": gettext_lazy("Packages"),
    "tracking_code": gettext_lazy("Tracking code"),
    "tracking_url": gettext_lazy("Tracking link"),
    "service": gettext_lazy("Service"),
}
# Follow from others: the postal code and country are parts of the address that the line before names.
_FOLLOW = {"country", "postal_code"}
_ADDRESS = ("name", "company", "street", "house_number", "house_number_suffix", "line2", "postal_code", "city", "region", "country", "company_number")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline."""

    text: str
    detail: str
    who: str
    at: datetime
    tone: str = "neutral"


def pieces(n: int) -> str:
    """Say how many pieces."""
    return ngettext("%(n)s piece", "%(n)s pieces", n) % {"n": n}


def _value(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, dict):
        return " ".join(str(value[key]) for key in _ADDRESS if value.get(key))
    if isinstance(value, list):
        are_objects = all(isinstance(item, dict) for item in value)
        return str(len(value)) if are_objects else ", ".join(str(item) for item in value)
    return str(value)


def _changes(p: Payload) -> str:
    parts = []
    for name, pair in (p.get("changes") or {}).items():
        if name in _FOLLOW or not isinstance(pair, list) or len(pair) != 2:
            continue
        label = _FIELDS.get(name, name)
        parts.append(f"{label}: {_value(pair[0])} → {_value(pair[1])}")
    return "; ".join(parts)


Say = Callable[[Payload], str]
_BY_ITSELF = {CreditCause.CANCELLATION, CreditCause.UNSHIPPED}
_REASONS: dict[str, str | Promise] = {
    "short pick": gettext_lazy("not found while picking"),
    "released by hand": gettext_lazy("released by hand"),
    "moved to another location": gettext_lazy("moved to another location"),
    "travels to one location": gettext_lazy("travels to one location first"),
    "the transfer was closed": gettext_lazy("the transfer was closed"),
    "shipment cancelled": gettext_lazy("shipment cancelled"),
    "cancelled": gettext_lazy("cancelled"),
    "merged": gettext_lazy("put together with another shipment"),
    "expired": gettext_lazy("expired: not paid in time"),
    "stock was corrected": gettext_lazy("stock was corrected"),
    "rejected by the location": gettext_lazy("the location cannot send it"),
    "substituted": gettext_lazy("another article comes in their place"),
    "no longer open": gettext_lazy("no longer needed: sent or cancelled meanwhile"),
    "withdrawn by hand": gettext_lazy("withdrawn by hand"),
    "lot was blocked": gettext_lazy("the lot was blocked"),
    "location closed": gettext_lazy("the location was closed"),
}


def _reason(p: Payload) -> str:
    reason = str(p.get("reason") or "")
    return str(_REASONS.get(reason, reason))


def _swap(p: Payload) -> str:
    swap = _("%(sku)s instead of %(old)s") % {"sku": p.get("sku"), "old": p.get("instead_of")}
    told = {"link": _("answered by the link"), "staff": _("told a colleague")}.get(
        p.get("via") or "", ""
    )
    return " · ".join(part for part in (swap, told, _reason(p)) if part)


def _added(p: Payload) -> str:
    parts = []
    if p.get("added"):
        parts.append(_("%(units)s added") % {"units": pieces(p["added"])})
    if p.get("removed"):
        parts.append(_("%(units)s taken out") % {"units": pieces(p["removed"])})
    return ", ".join(parts)


def _serials(p: Payload) -> str:
    parts = []
    if p.get("added"):
        parts.append(_value(p["added"]))
    if p.get("removed"):
        parts.append(_("taken off: %(serials)s") % {"serials": _value(p["removed"])})
    return "; ".join(parts)


def _nothing(_p: Payload) -> str:
    return ""


def _found(p: Payload) -> str:
    return f"{p.get('quantity')} × {p.get('text') or p.get('sku')}"


def _redirected(p: Payload) -> str:
    return _("store credit") if p.get("as_store_credit") else _("money")


def _of(name: str) -> Say:
    """Say one value of the payload as it is."""
    return lambda p: str(p.get(name) or "")


def _credited(p: Payload) -> str:
    # What comes by itself has a reason of ours, said in the reader's language; a person's reason stands as it was written.
    cause = p.get("cause")
    return str(CreditCause(cause).label) if cause in _BY_ITSELF else str(p.get("reason") or "")


def _released(p: Payload) -> str:
    return _("release of what remains") if p.get("is_release") else ""


def _short(p: Payload) -> str:
    return _("%(units)s missing") % {"units": pieces(p["short"])} if p.get("short") else ""


def _wrong(p: Payload) -> str:
    wrong = ", ".join(p.get("wrong_scans") or [])
    return _("did not belong there: %(codes)s") % {"codes": wrong} if wrong else ""


# Why a hold rule fitted, by the names under which `orders.hold_rules.because` tells it.
_BECAUSE: dict[str, str | Promise] = {
    "value": gettext_lazy("value %(found)s"),
    "country": gettext_lazy("goes to %(found)s"),
    "countries_differ": gettext_lazy("invoice and goods go to different countries (%(found)s)"),
    "postal_code": gettext_lazy("its postal code"),
    "tags": gettext_lazy("its tags"),
    "skus": gettext_lazy("SKU %(found)s"),
    "customer": gettext_lazy("its customer"),
    "domain": gettext_lazy("the domain of its e-mail address"),
    "first_order": gettext_lazy("first order of its e-mail address"),
}


def _held(p: Payload) -> str:
    if not p.get("rule"):
        return _reason(p)
    found = p.get("because") or {}
    why = ", ".join(str(text) % {"found": found[name]} for name, text in _BECAUSE.items() if name in found)  # fmt: skip
    why = why or _("it is for every order")
    said = _("rule %(rule)s: %(why)s") % {"rule": p["rule"], "why": why}
    return said if p.get("reason") == p["rule"] else f"{_reason(p)} ({said})"


def _handed_over(p: Payload) -> str:
    return _("to %(name)s") % {"name": p["owner"]} if p.get("owner") else _("to nobody")


def _not_gathered(p: Payload) -> str:
    return not_gathered(str(p.get("rule") or ""), str(p.get("code") or ""))


def _joined(name: str) -> Say:
    return lambda p: ", ".join(p.get(name) or [])


# kind → (tone, sentence, detail). The sentence is what happened; the detail why, or what exactly.
_KINDS: dict[str, tuple[str, str | Promise, Say]] = {
    "order.placed": ("blue", gettext_lazy("Order placed: %(units)s"), _nothing),
    "order.updated": ("neutral", gettext_lazy("Data of the order changed"), _changes),
    "order.allocated": ("blue", gettext_lazy("%(units)s allocated"), _joined("locations")),
    "order.deallocated": ("amber", gettext_lazy("%(units)s no longer allocated"), _reason),
    "order.consolidated": ("blue", gettext_lazy("%(units)s travel from %(origin)s to %(to)s, to leave in one shipment"), _of("transfer")),
    "order.to_gather": ("neutral", gettext_lazy("A routing rule wants it in one shipment"), _of("rule")),
    "order.not_gathered": ("amber", gettext_lazy("It was not gathered in one shipment"), _not_gathered),
    "order.transfer_ended": ("amber", gettext_lazy("%(units)s no longer come by transfer %(transfer)s"), _reason),
    "order.picked": ("blue", gettext_lazy("%(units)s picked"), _short),
    "order.unpicked": ("amber", gettext_lazy("%(units)s put back"), _nothing),
    "order.shipped": ("green", gettext_lazy("%(units)s shipped"), _nothing),
    "order.unshipped": ("amber", gettext_lazy("Shipping of %(units)s undone"), _nothing),
    "order.cancelled": ("red", gettext_lazy("%(units)s cancelled"), _reason),
    "cancel_request.made": ("red", gettext_lazy("The warehouse is asked to let %(units)s go"), _reason),
    "cancel_request.accepted": ("amber", gettext_lazy("The warehouse let %(units)s go"), _reason),
    "cancel_request.rejected": ("red", gettext_lazy("The warehouse keeps %(units)s: the order goes on"), _reason),
    "substitution.proposed": ("amber", gettext_lazy("The customer is asked about a substitute for %(units)s"), _swap),
    "substitution.accepted": ("green", gettext_lazy("The customer takes a substitute for %(units)s"), _swap),
    "substitution.declined": ("amber", gettext_lazy("The customer wants no substitute for %(units)s"), _swap),
    "substitution.expired": ("amber", gettext_lazy("No answer about a substitute for %(units)s in time"), _swap),
    "substitution.withdrawn": ("neutral", gettext_lazy("A substitute for %(units)s is no longer offered"), _swap),
    "order.revived": ("green", gettext_lazy("A late payment brought %(units)s back"), _nothing),
    "order.held": ("red", pgettext_lazy("what happened", "Put on hold"), _held),
    "order.hold_handed_over": ("neutral", gettext_lazy("The hold has been handed over"), _handed_over),
    "order.released": ("green", gettext_lazy("Hold released"), _nothing),
    "order.payment_changed": ("neutral", gettext_lazy("What has been paid changed"), _nothing),
    "order.erased": ("neutral", gettext_lazy("Personal data erased"), _nothing),
    "order.not_routed": ("amber", gettext_lazy("A routing rule sends it nowhere"), _of("rule")),
    "order.lines_mapped": ("neutral", gettext_lazy("Articles found in the catalogue"), _joined("skus")),
    "order.pick_listed": ("blue", gettext_lazy("On pick list %(number)s"), _nothing),
    "payment.recorded": ("green", gettext_lazy("Payment reported by %(provider)s"), _of("reference")),
    "payment.charged_back": ("red", gettext_lazy("Payment charged back at %(provider)s"), _of("reference")),
    "capture.submitted": ("blue", gettext_lazy("The payment provider is asked to capture"), _released),
    "capture.accepted": ("neutral", gettext_lazy("The payment provider works on the capture"), _released),
    "capture.succeeded": ("green", gettext_lazy("Captured at the payment provider"), _released),
    "capture.failed": ("red", gettext_lazy("The payment provider did not capture"), _of("note")),
    "capture.retried": ("amber", gettext_lazy("Capture tried again"), _released),
    "invoice.issued": ("green", gettext_lazy("Invoice %(number)s issued"), _nothing),
    "invoice.credit_issued": ("amber", gettext_lazy("Credit invoice %(number)s issued"), _credited),
    "invoice.credited": ("neutral", gettext_lazy("Invoice %(number)s credited"), _nothing),
    "invoice.blanked": ("neutral", gettext_lazy("Name and address are gone from invoice %(number)s"), _nothing),
    "invoice.paid": ("neutral", gettext_lazy("What has come in for invoice %(number)s changed"), _nothing),
    "invoice.refundable_raised": ("neutral", gettext_lazy("Money came in: more of credit invoice %(number)s may go back"), _nothing),
    "refund.created": ("blue", gettext_lazy("Refund %(number)s prepared"), _of("provider")),
    "refund.approved": ("blue", gettext_lazy("Refund %(number)s approved"), _nothing),
    "refund.rejected": ("red", gettext_lazy("Refund %(number)s rejected"), _of("note")),
    "refund.submitted": ("blue", gettext_lazy("Refund %(number)s handed over"), _nothing),
    "refund.succeeded": ("green", gettext_lazy("Refund %(number)s has gone back"), _of("reference")),
    "refund.failed": ("red", gettext_lazy("Refund %(number)s failed"), _of("note")),
    "refund.accepted": ("blue", gettext_lazy("Refund %(number)s is on its way"), _of("reference")),
    "refund.matched": ("blue", gettext_lazy("Refund %(number)s was made at %(via)s by hand"), _of("reference")),
    "refund.account_set": ("neutral", gettext_lazy("Bank account for refund %(number)s noted"), _nothing),
    "difference.resolved": ("neutral", gettext_lazy("Difference with the payment provider resolved"), _of("note")),
    "refund.reversed": ("red", gettext_lazy("Refund %(number)s came back"), _of("note")),
    "refund.redirected": ("neutral", gettext_lazy("What refund %(number)s gives was changed"), _redirected),
    "store_credit.issued": ("green", gettext_lazy("Store credit %(number)s given"), _nothing),
    "store_credit.used": ("blue", gettext_lazy("Paid with store credit %(number)s"), _nothing),
    "store_credit.given_back": ("green", gettext_lazy("Gone back to store credit %(number)s"), _nothing),
    "store_credit.expired": ("neutral", gettext_lazy("Store credit %(number)s expired"), _nothing),
    "store_credit.stopped": ("red", gettext_lazy("Store credit %(number)s ended early"), _of("note")),
    "refund.retried": ("amber", gettext_lazy("Refund %(number)s tried again"), _nothing),
    "memo.created": ("neutral", gettext_lazy("Memo added"), _nothing),
    "memo.mention_seen": ("neutral", gettext_lazy("Memo seen by whom it mentions"), _nothing),
    "memo.pinned": ("neutral", gettext_lazy("Memo pinned to the order"), _nothing),
    "memo.unpinned": ("neutral", gettext_lazy("Memo taken off the order"), _nothing),
    "email.queued": ("neutral", gettext_lazy("E-mail written"), _of("subject")),
    "email.sent": ("green", gettext_lazy("E-mail sent"), _of("subject")),
    "email.kept": ("amber", gettext_lazy("E-mail kept: no mail server is configured"), _of("subject")),
    "email.failed": ("red", gettext_lazy("E-mail refused by the mail server"), _of("note")),
    "email.incomplete": ("amber", gettext_lazy("E-mail went without a document"), _of("note")),
    "email.bounced": ("red", gettext_lazy("E-mail did not arrive"), _of("note")),
    "email.unknown": ("amber", gettext_lazy("Nobody knows whether this e-mail was sent"), _of("note")),
    "shipment.opened": ("blue", gettext_lazy("Shipment %(number)s opened with %(units)s"), _nothing),
    "shipment.lines_changed": ("neutral", gettext_lazy("Contents of shipment %(number)s changed"), _added),
    "shipment.updated": ("neutral", gettext_lazy("Data of shipment %(number)s changed"), _changes),
    "payment.noticed": ("neutral", gettext_lazy("The payment provider reported a change"), _nothing),
    "shipment.packed": ("blue", gettext_lazy("Shipment %(number)s checked and packed"), _wrong),
    "shipment.scan_refused": ("amber", gettext_lazy("Scanned into shipment %(number)s and refused"), _of("code")),
    "shipment.serials_recorded": ("neutral", gettext_lazy("Serial numbers in shipment %(number)s recorded"), _serials),
    "shipment.combined": ("blue", gettext_lazy("Shipment %(number)s travels in another parcel"), _of("with")),
    "shipment.separated": ("neutral", gettext_lazy("Shipment %(number)s travels by itself again"), _nothing),
    "shipment.announced": ("blue", gettext_lazy("Shipment %(number)s announced"), _nothing),
    "shipping_label.ordered": ("neutral", gettext_lazy("Label for package %(package)s of %(number)s asked for at the carrier"), _nothing),
    "shipping_label.made": ("green", gettext_lazy("Label for package %(package)s of %(number)s made by the carrier"), _of("barcode")),
    "shipping_label.failed": ("red", gettext_lazy("No label for package %(package)s of %(number)s"), _reason),
    "shipping_label.refused": ("red", gettext_lazy("No label could be asked for: shipment %(number)s"), _reason),
    "shipping_label.voided": ("amber", gettext_lazy("Label of package %(package)s of %(number)s given up"), _of("barcode")),
    "shipment.ready": ("blue", gettext_lazy("Shipment %(number)s lies ready to be collected"), _nothing),
    "shipment.shipped": ("green", gettext_lazy("Shipment %(number)s left"), _of("tracking_code")),
    "shipment.delivered": ("green", gettext_lazy("Shipment %(number)s delivered"), _nothing),
    "shipment.tracked": ("neutral", gettext_lazy("Carrier: %(step)s"), _of("place")),
    "delivery_exception.raised": ("red", gettext_lazy("Delivery problem with %(number)s: %(problem)s"), _of("text")),
    "delivery_exception.closed": ("green", gettext_lazy("Delivery problem with %(number)s dealt with"), _of("note")),
    "order.returned": ("amber", gettext_lazy("%(units)s came back"), _nothing),
    "return_request.received": ("blue", gettext_lazy("Return request %(number)s: %(units)s announced"), _nothing),
    "return_request.approved": ("green", gettext_lazy("Return request %(number)s approved"), _nothing),
    "return_request.rejected": ("red", gettext_lazy("Return request %(number)s rejected"), _reason),
    "return_request.cancelled": ("neutral", gettext_lazy("Return request %(number)s cancelled"), _reason),
    "return_request.kept": ("green", gettext_lazy("Goods of return request %(number)s are kept by the customer"), _reason),
    "return_request.boxed": ("neutral", gettext_lazy("Return request %(number)s: its box changed"), _of("box")),
    "return_request.completed": ("green", gettext_lazy("Return request %(number)s completed"), _nothing),
    "return_request.photos_added": ("neutral", gettext_lazy("Pictures for return request %(number)s received"), _nothing),
    "return_label.ordered": ("neutral", gettext_lazy("Label for return request %(number)s asked for at the carrier"), _nothing),
    "return_label.made": ("green", gettext_lazy("Label for return request %(number)s made by the carrier"), _of("barcode")),
    "return_label.failed": ("red", gettext_lazy("No label for return request %(number)s"), _reason),
    "withdrawal.received": ("amber", gettext_lazy("Withdrawal %(number)s received"), _nothing),
    "return.processed": ("green", gettext_lazy("Return %(number)s booked: %(units)s"), _nothing),
    "return.found": ("amber", gettext_lazy("In the box of return %(number)s: something else"), _found),
    "return.restocked": ("neutral", gettext_lazy("Return %(number)s: goods are in stock again"), _nothing),
    "return.inspected": ("neutral", gettext_lazy("Return %(number)s: %(units)s inspected"), _nothing),
    "claim.made": ("amber", gettext_lazy("Claim %(number)s: %(units)s"), _of("note")),
    "claim.repair_received": ("amber", gettext_lazy("Here for repair: %(units)s (%(number)s)"), _of("note")),
    "claim.repaired": ("green", gettext_lazy("Repaired and sent back (%(number)s)"), _of("note")),
    "claim.photos_added": ("neutral", gettext_lazy("Pictures for claim %(number)s received"), _nothing),
    "claim.refunded": ("green", gettext_lazy("Claim %(number)s refunded"), _of("note")),
    "claim.replaced": ("green", gettext_lazy("Claim %(number)s replaced by order %(order)s"), _of("note")),
    "claim.rejected": ("red", gettext_lazy("Claim %(number)s rejected"), _of("note")),
    "exchange.asked": ("blue", gettext_lazy("Exchange for return %(return)s: %(units)s instead"), _nothing),
    "exchange.placed": ("green", gettext_lazy("Exchange for return %(return)s: order %(order)s placed"), _nothing),
    "exchange.declined": ("amber", gettext_lazy("Exchange for return %(return)s paid back instead"), _of("note")),
    "shipment.cancelled": ("red", gettext_lazy("Shipment %(number)s cancelled"), _reason),
}  # fmt: skip


def known_kinds() -> frozenset[str]:
    """Return the kinds of events that have words of their own."""
    return frozenset(_KINDS)


def entries(events: Iterable[EventRow], currency: str, timezone: str) -> list[Entry]:
    """Turn events into a timeline, in the order given."""
    return [_entry(event, currency, timezone) for event in events]


def _entry(event: EventRow, currency: str, timezone: str) -> Entry:
    payload = event.payload or {}
    tone, words, explain = _KINDS.get(event.kind, ("neutral", event.kind, _nothing))
    values = {
        "units": pieces(int(payload.get("units") or 0)),
        "number": payload.get("number", ""),
        "package": payload.get("package", ""),
        "provider": payload.get("provider", ""),
        "origin": payload.get("from", ""),
        "to": payload.get("to", ""),
        "transfer": payload.get("transfer", ""),
        "via": payload.get("via", ""),
        "order": payload.get("order", ""),
        "return": payload.get("return", ""),
        "problem": STEPS.get(payload.get("problem", ""), ""),
        "step": payload.get("text") or STEPS.get(payload.get("status", ""), ""),
    }
    details = [explain(payload), *_extra(payload, currency, timezone), _move(event)]
    kind = _WHO.get(event.actor_kind)
    return Entry(
        text=str(words) % values,
        detail=" · ".join(part for part in details if part),
        who=f"{event.actor_name} ({kind})" if kind else event.actor_name,
        at=event.at,
        tone=tone,
    )


def _extra(p: Payload, currency: str, timezone: str) -> list[str]:
    return [*_amounts(p, currency, timezone), *_kept(p, currency)]


def _kept(p: Payload, currency: str) -> list[str]:
    kept = p.get("kept_minor")
    return [_("%(amount)s of it is kept") % {"amount": money(int(kept), currency)}] if kept else []


def _amounts(p: Payload, currency: str, timezone: str) -> list[str]:
    found = [money(int(p[name]), currency) for name in ("amount_minor", "value_minor", "paid_minor", "charged_back_minor") if p.get(name)]  # fmt: skip
    if p.get("until"):
        moment = datetime.fromisoformat(str(p["until"]))
        found.append(_("until %(when)s") % {"when": _plain(moment, timezone)})
    return found


def _plain(moment: datetime, timezone: str) -> str:
    # Only the text of the element: a detail is plain text.
    return str(local(moment, timezone)).split(">", 1)[1].split("<", 1)[0]


def _move(event: EventRow) -> str:
    if not event.from_status or not event.to_status or event.from_status == event.to_status:
        return ""
    kind = event.object_type
    if kind not in {"order", "shipment"}:
        return ""
    before, after = pill_of(kind, event.from_status)[1], pill_of(kind, event.to_status)[1]
    return f"{before} → {after}"

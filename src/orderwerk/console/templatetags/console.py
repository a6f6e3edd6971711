"""Small pieces of pages: money, times, pills, icons, fields, panels."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from django import template
from django.conf import settings
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    Form,
    RadioSelect,
    Select,
)
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from orderwerk.console.forms.picking import REASONS
from orderwerk.console.sent_once import FORM_KEY
from orderwerk.console.statuses import COUNT_CAUSES, METHODS, MOVEMENTS, STEPS, TAX_REASONS, pill_of
from orderwerk.core import clock, ids
from orderwerk.core.money import exponent, show_amount
from orderwerk.invoices.statuses import CreditCause
from orderwerk.orders.pricing import cancelled_value
from orderwerk.orders.rows import LineRow, OrderRow
from orderwerk.return_requests.reasons import named
from orderwerk.return_requests.statuses import Origin, Outcome
from orderwerk.returns.claim_statuses import ClaimKind
from orderwerk.returns.statuses import Disposition
from orderwerk.stock.bin_queries import BinRow
from orderwerk.stock.lots import EXPIRED

register = template.Library()
_DAYS_IN_WORDS = timedelta(days=7)


def _locale() -> str:
    language = get_language() or "en"
    # English with European habits: 24 Nov 2026, not Nov 24, 2026.
    return "en_GB" if language == "en" else language


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of the sprite; with a label it speaks, without one it is decoration."""
    said = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon" {}><use href="{}#{}"></use></svg>',
        said,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def form_key() -> SafeString:
    """Write the hidden key under which a form is carried out once."""
    return format_html('<input type="hidden" name="{}" value="{}">', FORM_KEY, ids.new_id())


@register.simple_tag
def thumb(url: str | None) -> SafeString:
    """Draw a product's picture, or a box where there is none that the content policy lets the browser load."""
    allowed = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"]
    if url and (url.startswith("/") or ("https:" in allowed and url.startswith("https://"))):
        return format_html(
            '<img class="thumb" src="{}" alt="" loading="lazy" referrerpolicy="no-referrer">', url
        )
    return format_html('<span class="thumb" aria-hidden="true">{}</span>', icon("box"))


@register.simple_tag
def money(minor: int | None, currency: str) -> str:
    """Write minor units as an amount in the reader's language; a dash for nothing."""
    if minor is None:
        return "–"
    amount = Decimal(minor).scaleb(-exponent(currency))
    try:
        return show_amount(amount, currency, Locale.parse(_locale()))
    except UnknownLocaleError:
        return f"{amount} {currency}"


@register.filter
def number(value: int | None) -> str:
    """Write a whole number with the reader's separators."""
    return "" if value is None else format_decimal(value, locale=_locale())


@register.filter
def decimal(value: str) -> str:
    """Return a number with one place behind the point, as the reader writes it."""
    return format_decimal(Decimal(value), format="#,##0.0", locale=_locale())


def _written(moment: datetime, timezone: str) -> tuple[str, str]:
    local = moment.astimezone(ZoneInfo(timezone))
    today = clock.now().astimezone(ZoneInfo(timezone))
    pattern = "d MMM, HH:mm" if local.year == today.year else "d MMM y, HH:mm"
    full = format_datetime(local, "EEEE d MMMM y, HH:mm:ss zzzz", locale=_locale())
    return format_datetime(local, pattern, locale=_locale()), full


@register.filter
def day(value: date | None, pattern: str = "d MMM y") -> str:
    """Write a day as all pages do, 26 Nov 2026, in the reader's language; shorter or longer after CLDR's pattern."""
    return format_date(value, pattern, locale=_locale()) if value else ""


@register.simple_tag
def local(moment: datetime | None, timezone: str = "Europe/Amsterdam") -> SafeString | str:
    """Write an instant in a shop's zone, the whole of it in the title."""
    if moment is None:
        return "–"
    short, full = _written(moment, timezone)
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), full, short)


@register.simple_tag
def ago(moment: datetime | None, timezone: str = "Europe/Amsterdam") -> SafeString | str:
    """Write how long ago an instant was, the exact time in the title; older than a week: the date."""
    if moment is None:
        return "–"
    short, full = _written(moment, timezone)
    gone = clock.now() - moment
    if abs(gone) < _DAYS_IN_WORDS:
        short = format_timedelta(-gone, add_direction=True, locale=_locale())
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), full, short)


@register.simple_tag
def pill(kind: str, status: str) -> SafeString:
    """Draw the pill of a status."""
    tone, word = pill_of(kind, status)
    return format_html('<span class="pill {}">{}</span>', _tone_classes(tone), word)


@register.filter
def tone(name: str) -> str:
    """Return the classes of a tone such as "amber hollow"."""
    return _tone_classes(name)


def _tone_classes(tone: str) -> str:
    name, _, rest = tone.partition(" ")
    return f"tone-{name} {rest}".strip()


@register.simple_tag
def fact(label: str, value: object, *, mono: bool = False) -> SafeString:
    """Write one name with its value inside a list of facts; a dash for an empty value."""
    shown = format_html("<code>{}</code>", value) if mono and value else value
    return format_html("<dt>{}</dt><dd>{}</dd>", label, "–" if value in (None, "") else shown)


def _opens(url: str) -> SafeString:
    return format_html(
        'href="{}" hx-get="{}" hx-target="#dialog-place" hx-select="unset" hx-select-oob="unset" '
        'hx-swap="innerHTML" hx-push-url="false"',
        url,
        url,
    )


@register.simple_tag
def opens(name: str, *args: object) -> SafeString:
    """Write the attributes of a link that opens a form: in a dialog, or as a page without a script."""
    return _opens(reverse(name, args=args))


@register.simple_tag
def opens_at(name: str, location: str, *args: object) -> SafeString:
    """Write the same for a form that begins with a stock location chosen."""
    return _opens(f"{reverse(name, args=args)}?{urlencode({'location': location})}")


@register.simple_tag
def opens_count(location: str, bin_code: str, sku: str) -> SafeString:
    """Write the same for the form that counts one bin."""
    query = urlencode({"location": location, "bin": bin_code})
    return _opens(f"{reverse('stock_change', args=['count', sku])}?{query}")


@register.simple_tag
def opens_count_lot(location: str, bin_code: str, lot: str, sku: str) -> SafeString:
    """Write the same for the form that counts one lot in one bin."""
    query = urlencode({"location": location, "bin": bin_code, "lot": lot})
    return _opens(f"{reverse('stock_change', args=['count', sku])}?{query}")


@register.simple_tag
def opens_bin(row: BinRow) -> SafeString:
    """Write the same for the form that moves a bin in the walking route."""
    names = ("position", "zone", "use", "aisle", "depth")
    known = {name: getattr(row, name) for name in names if getattr(row, name) is not None}
    query = urlencode({"bin": row.code, **known})
    return _opens(f"{reverse('bin_set', args=[row.location])}?{query}")


@register.simple_tag
def opens_sku(sku: str) -> SafeString:
    """Write the same for the form that adds a product of a sku that an order knows already."""
    return _opens(f"{reverse('product_new')}?{urlencode({'sku': sku})}")


@register.simple_tag
def progress(done: int, total: int, label: str) -> SafeString:
    """Draw how much of something is done."""
    return format_html(
        '<progress class="bar-progress" value="{}" max="{}" aria-label="{}" title="{} / {}"></progress>',
        done, max(total, 1), label, done, total,
    )  # fmt: skip


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.simple_block_tag
def panel(content: str, title: str = "", classes: str = "") -> SafeString:
    """Frame a part of a page, with a title."""
    head = format_html("<header><h2>{}</h2></header>", title) if title else ""
    return format_html(
        '<section class="panel {}">{}<div class="body">{}</div></section>', classes, head, content
    )


@register.inclusion_tag("console/parts/field.html")
def field(bound: BoundField, placeholder: str = "") -> dict[str, Any]:
    """Draw a field of a form: label, control, help, errors, tied together for screen readers."""
    widget = bound.field.widget
    many = isinstance(widget, CheckboxSelectMultiple | RadioSelect)
    attrs: dict[str, str | bool] = {}
    if not many:
        attrs["class"] = _control_class(widget)
    if placeholder:
        attrs["placeholder"] = placeholder
    if bound.errors:
        attrs["aria-invalid"] = "true"
    described = [
        f"{bound.auto_id}_{part}"
        for part, on in (("help", bound.help_text), ("error", bound.errors))
        if on
    ]
    if described and not many:
        attrs["aria-describedby"] = " ".join(described)
    return {
        "bound": bound,
        "control": None if many else bound.as_widget(attrs=attrs),
        "many": many,
        # Django derives the check boxes from the radio buttons, so the order of the question matters.
        "kind": "checkbox" if isinstance(widget, CheckboxSelectMultiple) else "radio",
        "is_check": isinstance(widget, CheckboxInput),
        "when": getattr(bound.field, "when", ""),
    }


def _control_class(widget: object) -> str:
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.inclusion_tag("console/parts/fields.html")
def fields(form: Form) -> dict[str, Any]:
    """Draw all fields of a form, its own errors first."""
    return {"form": form}


@register.filter
def country_name(code: str | None) -> str:
    """Write a country's name in the reader's language; an unknown code stays a code."""
    return str(Locale.parse(_locale()).territories.get(code or "", code or ""))


@register.filter
def minus(value: int, other: int) -> int:
    """Take one number from another."""
    return value - other


@register.filter
def line_total(line: LineRow, order: OrderRow) -> int:
    """Return what a line costs in the order's own price mode, as the totals below it are."""
    return line.gross_minor if order.prices_include_tax else line.net_minor


@register.filter
def line_kept(line: LineRow, order: OrderRow) -> int:
    """Return what is left of a line's costs after what was cancelled of it, as `line_total`."""
    total = line_total(line, order)
    return total - cancelled_value(total, line.quantity, line.cancelled)


@register.filter
def step_name(status: str) -> str | Promise:
    """Write a carrier's step in words; one that we do not know stays as the carrier wrote it."""
    return STEPS.get(status, status.replace("_", " "))


@register.filter
def block_reason(reason: str) -> str:
    """Write why a lot is blocked: by itself, or as somebody wrote it."""
    return gettext("its day is over") if reason == EXPIRED else reason


@register.filter
def short_reason(reason: str) -> str:
    """Write why pieces were missing: a known reason in the reader's language, with its note."""
    known, _, note = reason.partition(": ")
    word = str({**dict(REASONS), **COUNT_CAUSES}.get(known, known))
    return f"{word}: {note}" if note else word


@register.filter
def method_name(method: str) -> str | Promise:
    """Write how a batch keeps its orders apart."""
    return METHODS.get(method, "")


@register.filter
def movement_name(kind: str) -> str | Promise:
    """Write what kind of movement of stock it was."""
    return MOVEMENTS.get(kind, kind)


@register.filter
def rate(value: Decimal) -> str:
    """Write a VAT rate as people do: 21 %, 7.7 %."""
    return f"{format_decimal(value, format='0.###', locale=_locale())} %"


@register.filter
def tax_reason(category: str) -> str | Promise:
    """Say why no VAT is charged."""
    return TAX_REASONS.get(category, "")


@register.filter
def credit_cause(cause: str) -> str | Promise:
    """Say why a credit invoice was issued."""
    return CreditCause(cause).label if cause else ""


@register.filter
def in_language(names: dict[str, str]) -> str:
    """Write a name that is kept per language in the reader's."""
    return named(names, get_language() or "en")


@register.filter
def wish_name(word: str) -> str | Promise:
    """Write what a customer wants for goods."""
    return Outcome(word).label


@register.filter
def origin_name(word: str) -> str | Promise:
    """Write who announced a return."""
    return Origin(word).label


@register.filter
def fate_name(word: str) -> str | Promise:
    """Write what became of goods that came back."""
    return Disposition(word).label


@register.filter
def claim_kind(word: str) -> str | Promise:
    """Write what happened to goods that are claimed."""
    return ClaimKind(word).label

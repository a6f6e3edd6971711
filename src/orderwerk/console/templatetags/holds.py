"""Hold rules in words."""

from collections.abc import Iterator, Mapping

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orderwerk.console.templatetags.routing import between
from orderwerk.orders.hold_rules import HoldRule

register = template.Library()


def _facts(rule: HoldRule, currency: str, people: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    filters = [
        (_("Value"), between(rule.min_value, rule.max_value, currency)),
        (_("Delivery countries"), ", ".join(rule.countries)),
        (_("Invoice"), _("goes to another country than the goods") if rule.countries_differ else ""),
        (_("Postal codes"), ", ".join(f"{start}…" for start in rule.postal_codes)),
        (_("Tags"), ", ".join(rule.tags)),
        (_("SKUs"), ", ".join(rule.skus)),
        (_("Customers"), ", ".join(rule.customers)),
        (_("E-mail domains"), ", ".join(rule.domains)),
        (_("E-mail address"), _("orders for the first time") if rule.first_order else ""),
    ]  # fmt: skip
    found = [(name, text) for name, text in filters if text]
    yield from found or [(_("For"), _("every order"))]
    yield _("Reason"), rule.reason.strip() or rule.name
    yield _("Who deals with it"), people.get(rule.owner or "", rule.owner or "") or _("Nobody")
    if rule.hours is not None:
        hours = ngettext("%(n)s hour", "%(n)s hours", rule.hours) % {"n": rule.hours}
        yield _("Released by itself after"), hours


@register.simple_tag
def hold_rule_facts(rule: HoldRule, currency: str, people: Mapping[str, str]) -> SafeString:
    """Write what a hold rule says, as terms and their meaning."""
    return format_html_join("", "<dt>{}</dt><dd>{}</dd>", _facts(rule, currency, people))

"""Routing rules and their outcome in words."""

from collections.abc import Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orderwerk.allocations.explain import SORTS
from orderwerk.allocations.groups import Group
from orderwerk.allocations.rule_filters import Filters
from orderwerk.allocations.rules import Rule
from orderwerk.console.forms.routing import OTHERWISE
from orderwerk.console.templatetags.console import number
from orderwerk.flows.try_rules import Side

register = template.Library()


def between(least: object, most: object, unit: str) -> str:
    """Say the bounds of a number; nothing where there are none."""
    if least is not None and most is not None:
        return _("%(least)s to %(most)s %(unit)s") % {"least": least, "most": most, "unit": unit}
    if least is not None:
        return _("from %(least)s %(unit)s") % {"least": least, "unit": unit}
    return _("up to %(most)s %(unit)s") % {"most": most, "unit": unit} if most is not None else ""


def _filters(rule: Filters, currency: str, every: str) -> list[tuple[str, str]]:
    filters = [
        (_("Countries"), ", ".join(rule.countries)),
        (_("Postal codes"), ", ".join(f"{start}…" for start in rule.postal_codes)),
        (_("Tags"), ", ".join(rule.tags)),
        (_("SKUs"), ", ".join(rule.skus)),
        (_("Customers"), ", ".join(rule.customers)),
        (_("Weight"), between(rule.min_weight_grams, rule.max_weight_grams, "g")),
        (_("Value"), between(rule.min_value, rule.max_value, currency)),
        (_("Placed"), between(rule.from_day, rule.until_day, "")),
    ]
    found = [(name, text) for name, text in filters if text]
    return found or [(_("For"), every)]


def _facts(rule: Rule, currency: str) -> Iterator[tuple[str, str]]:
    yield from _filters(rule, currency, _("every order of the group"))
    if rule.locations:
        yield _("Only from"), ", ".join(rule.locations)
    if rule.avoid:
        yield _("Never from"), ", ".join(rule.avoid)
    words = {key: str(word) for key, word in (*SORTS.items(), *OTHERWISE)}
    yield _("Order of asking"), ", ".join(words[key] for key in rule.sort) or words["priority"]
    yield _("Splitting"), _splitting(rule, currency)
    yield _("If nothing fits"), words[rule.otherwise]


def _splitting(rule: Rule, currency: str) -> str:
    if rule.split == "never":
        return _("never")
    if rule.split == "gather":
        return _("over the fewest locations, then gathered at one by transfer")
    parts = [_("over the fewest locations")]
    if rule.most_shipments is not None:
        parts.append(
            ngettext("at most %(n)s parcel", "at most %(n)s parcels", rule.most_shipments)
            % {"n": rule.most_shipments}
        )
    if rule.least_value is not None:
        worth = {"value": rule.least_value, "currency": currency}
        parts.append(_("each part worth %(value)s %(currency)s or more") % worth)
    if rule.most_cost_percent is not None:
        most = {"n": rule.most_cost_percent}
        parts.append(_("further parcels cost %(n)s %% of the order's value at most") % most)
    return ", ".join(parts)


@register.simple_tag
def rule_facts(rule: Rule, currency: str) -> SafeString:
    """Write what a rule says, as terms and their meaning."""
    return format_html_join("", "<dt>{}</dt><dd>{}</dd>", _facts(rule, currency))


@register.simple_tag
def group_facts(group: Group, currency: str) -> SafeString:
    """Write which orders a group of rules is for, as terms and their meaning."""
    return format_html_join(
        "", "<dt>{}</dt><dd>{}</dd>", _filters(group, currency, _("every order"))
    )


@register.simple_tag
def routed_side(side: Side) -> SafeString:
    """Write where an order would be sent from, how many pieces would wait, and by which rule of which group."""
    parts = [f"{place} ({number(pieces)})" for place, pieces in side.places.items()]
    if side.waiting:
        waits = ngettext("%(n)s waits", "%(n)s wait", side.waiting) % {"n": number(side.waiting)}
        parts.append(waits)
    if side.is_held:
        parts.append(_("on hold"))
    elif side.is_limited:
        parts.append(_("no further splitting"))
    named = f"{side.group}: {side.rule}" if side.rule else ""
    rule = format_html('<span class="muted small">{}</span>', named) if named else ""
    return format_html('<span class="two-line"><span>{}</span>{}</span>', " + ".join(parts), rule)

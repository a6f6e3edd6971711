"""Says in words why a location was chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

_MOST_STEPS = 20


def in_words(explanation: Mapping[str, Any]) -> str:
    """Return the stored explanation of an allocation as sentences in the reader's language.

    `explanation` holds `code`, the chosen `location`, and per location looked at how many pieces it lacked; `is_rest`
    where the order had other pieces claimed or sent already; with a rule also its name, its group, the locations that it
    left out with the reason, what it orders locations by (`sort`), and what splitting costs and may cost; `late` are locations
    that were asked behind all others because they are full or closed; `passed` are groups that are for such orders and had no
    rule for this one. `km` is how far it is from each location where the rule asks for it, `no_km` those of which nobody knows
    (none named: where the order goes is not known). `then` is what became of the claim since (`and_then`).
    """
    told = _told(explanation, _chosen(explanation, explanation.get("location", "")))
    since = (_chosen(step, step["location"]) for step in explanation.get("then", ()))
    return " ".join(part for part in (told, *since) if part)


def and_then(explanation: Mapping[str, Any], code: str, location: str) -> dict[str, Any]:
    """Return the explanation of a claim that another comes from, with what happened since: why it was routed so stays.

    The same step is told once, where it happened last; of many the last twenty.
    """
    step = {"code": code, "location": location}
    before = [one for one in explanation.get("then", ()) if one != step]
    return {**explanation, "then": [*before, step][-_MOST_STEPS:]}


def stands_at(explanation: Mapping[str, Any]) -> str:
    """Return the code of the location where a claim with this explanation stands: where it came to last."""
    steps = explanation.get("then", ())
    return str((steps[-1] if steps else explanation)["location"])


def why_waiting(explanation: Mapping[str, Any]) -> str:
    """Return as sentences why pieces of an order wait, as `flows.explain_waiting` found it."""
    code = explanation["code"]
    found = ", ".join(f"{place} ({n})" for place, n in explanation["free"].items())
    told = _told(explanation, str(_WAITS[code]) % {"places": found})
    # Where something is free the rule's last resort is not asked.
    if code in {"free", "not_here"}:
        return told
    return (
        f"{told} {_OTHERWISE['rest' if explanation.get('is_rest') else explanation['otherwise']]}"
    )


def _told(explanation: Mapping[str, Any], text: str) -> str:
    """Put behind what was decided what each location lacked, and before it by which rule."""
    lacking = {code: n for code, n in explanation.get("lacks", {}).items() if n}
    details = "; ".join(
        ngettext("%(place)s lacked %(n)s piece", "%(place)s lacked %(n)s pieces", n)
        % {"place": code, "n": n}
        for code, n in lacking.items()
    )
    text = f"{text} {details}." if details else text
    cost = explanation.get("cost")
    if cost:
        told = _("Its parcels cost %(extra)s %(currency)s more than one; the rule allows %(most)s.")
        text = f"{text} {told % cost}"
    text = " ".join(part for part in (text, *_distances(explanation)) if part)
    text = _by_rule(explanation, text)
    passed = _passed(explanation.get("passed", ()))
    late = _late(explanation.get("late", {}))
    left_out = _left_out(explanation.get("skipped", {}))
    return " ".join(part for part in (text, passed, late, left_out) if part)


def _distances(explanation: Mapping[str, Any]) -> list[str]:
    """Say how far it is from each location, or why nobody knows."""
    km, unknown = explanation.get("km", {}), explanation.get("no_km")
    told = []
    if km:
        near = sorted(km.items(), key=lambda pair: (pair[1], pair[0]))
        told.append(_("Distance: %(places)s.") % {"places": ", ".join(f"{code} {n} km" for code, n in near)})  # fmt: skip
    if unknown:
        told.append(_("Distance not known, so asked after the others: %(places)s.") % {"places": ", ".join(unknown)})  # fmt: skip
    elif unknown is not None:
        told.append(_("Where this postal code lies is not known, so nearness went by country and the beginning of the postal code."))  # fmt: skip
    return told


def _by_rule(explanation: Mapping[str, Any], text: str) -> str:
    named = {"rule": explanation.get("rule"), "group": explanation.get("group"), "text": text}
    if named["rule"] and named["group"]:
        return _("Rule %(rule)s of group %(group)s: %(text)s") % named
    # Claims of an earlier version name no group.
    return _("Rule %(rule)s: %(text)s") % named if named["rule"] else text


def _passed(groups: Sequence[str]) -> str:
    """Say which groups were asked before and had no rule that fits."""
    if not groups:
        return ""
    return _("No rule fits in: %(groups)s.") % {"groups": ", ".join(groups)}


# Why pieces wait, and what happens where nothing fits, by the codes of routing.
_WAITS: dict[str, str | Promise] = {
    "nothing": gettext_lazy("No location that may send it has any of what waits."),
    "limited": gettext_lazy("There is stock, but the rule does not allow the order to be split as it lies."),
    "nowhere": gettext_lazy("No location may send this order now."),
    "free": gettext_lazy("Could be claimed now: %(places)s."),
    "not_here": gettext_lazy("None of your locations has what waits."),
}  # fmt: skip
_OTHERWISE: dict[str, str | Promise] = {
    "backorder": gettext_lazy("If nothing fits: it waits for stock."),
    "rest": gettext_lazy("What is left of an order waits for stock."),
    "hold": gettext_lazy("If nothing fits: the order is put on hold."),
    "ask": gettext_lazy("If nothing fits: a person is asked."),
    "collect": gettext_lazy("A person is asked: the customer collects it at a location that cannot have it ready."),
}  # fmt: skip


# Why an order was not gathered, by the code of the refusal.
_NOT_GATHERED: dict[str, str | Promise] = {
    "order_on_hold": gettext_lazy("it is on hold"),
    "consolidated_elsewhere": gettext_lazy("pieces of it travel to another location already"),
    "nothing_elsewhere": gettext_lazy("what lies elsewhere is being picked or has been picked"),
    "location_rejected": gettext_lazy("the location has said that it cannot send it"),
    "lot_blocked": gettext_lazy("the day of a lot in it is over"),
}


def not_gathered(rule: str, code: str) -> str:
    """Say why an order that a rule wants in one parcel stays at several locations."""
    why = _NOT_GATHERED.get(code) or _("its goods may not travel now")
    told = _("Rule %(rule)s wants the order gathered at one location. That was not done: %(why)s.")
    return told % {"rule": rule, "why": why}


# Why a location was chosen, by the code that the claim was written with.
_CHOSEN: dict[str, str | Promise] = {
    "together": gettext_lazy(
        "%(place)s was chosen so that the orders that were allocated together leave in fewer shipments."
    ),
    "whole_order": gettext_lazy(
        "%(place)s is the first location by priority that has the whole order."
    ),
    "open_shipment": gettext_lazy(
        "%(place)s has an open shipment of this order and all of what was left of it."
    ),
    "fewest_shipments": gettext_lazy(
        "No location has the whole order; %(place)s is part of the fewest shipments that do."
    ),
    "as_much_as_possible": gettext_lazy(
        "Not everything is in stock; %(place)s helps to send as much as possible."
    ),
    "as_limits_allow": gettext_lazy(
        "The rule allows no further splitting; %(place)s is what it allows of this order."
    ),
    "collected": gettext_lazy("The customer collects the order at %(place)s."),
    "moved": gettext_lazy("Moved to %(place)s by hand."),
    "consolidated": gettext_lazy(
        "Came to %(place)s by transfer, so that the order leaves in one shipment."
    ),
    "rest": gettext_lazy("The rest of a partial shipment, still at %(place)s."),
    "split": gettext_lazy("Taken into a shipment of its own, still at %(place)s."),
}


# The same where only the rest of an order was looked for: after a short pick, a rejection, for what waited.
_CHOSEN_OF_REST: dict[str, str | Promise] = {
    "whole_order": gettext_lazy(
        "%(place)s is the first location by priority that has all of what was left of the order."
    ),
    "fewest_shipments": gettext_lazy(
        "No location has all of what was left of the order; %(place)s is part of the fewest shipments that do."
    ),
}


# The same where the rule says in which order locations are asked.
_CHOSEN_BY_SORT: dict[bool, str | Promise] = {
    False: gettext_lazy(
        "%(place)s is the first location in the rule's order (%(sort)s) that has the whole order."
    ),
    True: gettext_lazy(
        "%(place)s is the first location in the rule's order (%(sort)s) that has all of what was left of the order."
    ),
}

# What a rule may order locations by.
SORTS: dict[str, str | Promise] = {
    "priority": gettext_lazy("priority of the location"),
    "near": gettext_lazy("nearest to the customer"),
    "stock": gettext_lazy("has most of the order"),
    "capacity": gettext_lazy("most room left today"),
    "cost": gettext_lazy("cheapest parcel"),
}


def _chosen(explanation: Mapping[str, Any], place: str) -> str:
    code, is_rest = explanation.get("code", ""), bool(explanation.get("is_rest"))
    words = _CHOSEN_OF_REST.get(code) if is_rest else None
    sort = ", ".join(str(SORTS[name]) for name in explanation.get("sort", ()))
    if code == "whole_order" and sort:
        words = _CHOSEN_BY_SORT[is_rest]
    return str(words or _CHOSEN.get(code, "")) % {"place": place, "sort": sort}


def _late(places: Mapping[str, str]) -> str:
    """Say which locations were asked behind all others, and why."""
    reasons = {
        "closed": _("Closed today, so asked behind the others: %(places)s."),
        "full": _("Can take no more parcels, so asked last: %(places)s."),
    }
    return _by_reason(places, reasons)


def _left_out(skipped: Mapping[str, str]) -> str:
    reasons = {
        "not_in_rule": _("Not named in the rule: %(places)s."),
        "avoided": _("Avoided by the rule: %(places)s."),
        "rejected": _("Said that it cannot send this order: %(places)s."),
    }
    return _by_reason(skipped, reasons)


def _by_reason(skipped: Mapping[str, str], reasons: Mapping[str, str]) -> str:
    found: dict[str, list[str]] = {}
    for place, reason in skipped.items():
        found.setdefault(reason, []).append(place)
    return " ".join(
        text % {"places": ", ".join(sorted(found[reason]))}
        for reason, text in reasons.items()
        if reason in found
    )

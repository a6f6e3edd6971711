"""Says in words why a location was chosen."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def in_words(explanation: Mapping[str, Any]) -> str:
    """Return the stored explanation of an allocation as sentences in the reader's language.

    `explanation` holds `code`, the chosen `location`, and per location looked at how many pieces it lacked.
    """
    place = explanation.get("location", "")
    match explanation.get("code"):
        case "whole_order":
            first = _("%(place)s is the first location by priority that has the whole order.") % {
                "place": place
            }
        case "fewest_shipments":
            first = _(
                "No location has the whole order; %(place)s is part of the fewest shipments that do."
            ) % {"place": place}
        case "as_much_as_possible":
            first = _(
                "Not everything is in stock; %(place)s helps to send as much as possible."
            ) % {"place": place}
        case "moved":
            first = _("Moved to %(place)s by hand.") % {"place": place}
        case "unshipped":
            first = _(
                "The shipment that had left %(place)s was cancelled; the claim stands again."
            ) % {"place": place}
        case "rest":
            first = _("The rest of a partial shipment, still at %(place)s.") % {"place": place}
        case _other:
            first = ""
    lacking = {code: n for code, n in explanation.get("lacks", {}).items() if n}
    details = "; ".join(
        ngettext("%(place)s lacked %(n)s piece", "%(place)s lacked %(n)s pieces", n)
        % {"place": code, "n": n}
        for code, n in lacking.items()
    )
    return f"{first} {details}." if details else first

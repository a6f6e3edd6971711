"""What scanning says on a device, which has no catalogue of its own."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Flow:
    """One thing that is done with a scanner: its name and the script that leads through it."""

    name: str | Promise
    script: str


FLOWS = {
    "receive": Flow(gettext_lazy("Receive"), "console/scan_receive.js"),
    "put_away": Flow(gettext_lazy("Put away"), "console/scan_move.js"),
    "move": Flow(gettext_lazy("Move"), "console/scan_move.js"),
    "count": Flow(gettext_lazy("Count"), "console/scan_count.js"),
}


def words(flow: str) -> dict[str, str]:
    """Return the sentences of a flow."""
    return {**_common(), **_OF[flow]()}


def _common() -> dict[str, str]:
    return {
        "good": _("Right."),
        "booked": _("Booked: {n} × {sku}"),
        "waiting": _("{n} not sent yet"),
        "unknown": _("{code} is no article and no bin here."),
        "lost": _(
            "{code} is not known to this device; without a connection it cannot be looked up."
        ),
        "failed": _("{code} was not taken. Scan it again, or load this page again."),
        "lot": _("Scan the lot"),
        "of_lot": _("Lot {lot}"),
        "until": _("use by {day}"),
        "no_lot": _("{code} is no lot."),
        "not_bin": _("{code} is no bin of this location."),
        "not_number": _("{text} is no number of pieces."),
        "nothing": _("Nothing yet"),
    }


def _receive() -> dict[str, str]:
    return {
        "article": _("Scan an article, or another bin"),
        "not_expected": _("{code} is not on {expected}. Receive it without papers."),
        "enough": _("No more than {n} of {code} were sent."),
        "more": _("More than expected: {n} of {expected}."),
        "book": _("Book {n}"),
        "day": _("Type until which day it may be used, such as 2027-03-31; - where it has no day"),
        "no_day": _("{code} is no day."),
        "other_day": _("Lot {lot} is known with {day}."),
    }


def _put_away() -> dict[str, str]:
    return {
        "from": _("Scan the bin that it comes from"),
        "article": _("Scan an article at the dock"),
        "to": _("Scan the bin that it goes to"),
        "not_here": _("{code} does not lie there."),
        "planned": _("All of {code} there is asked for by pick lists."),
        "no_more": _("No more than {n} of {code} can be taken there."),
        "all": _("All {n}"),
        "same_bin": _("{code} is the bin that it comes from."),
        "lies": _("Lies in {bins} already"),
        "lot_not_here": _("Nothing of lot {lot} can be taken there."),
        "clear": _("Everything is put away."),
    }


def _move() -> dict[str, str]:
    return {**_put_away(), "article": _("Scan the article"), "clear": ""}


def _count() -> dict[str, str]:
    return {
        "bin": _("Scan a bin, or an article to see where it lies"),
        "article": _("Scan what lies here; the bin again when it is done"),
        "go": _("{code} lies in {bins}."),
        "lies_nowhere": _("{code} lies in no bin by the books. Scan the bin that you found it in."),
        "counted": _("{bin} is counted."),
        "new_lot": _("Lot {lot} never came in. Receive it first."),
        "nothing_here": _("Nothing was scanned in {bin}."),
        "clear": _("No counts are asked for."),
    }


_OF = {"receive": _receive, "put_away": _put_away, "move": _move, "count": _count}

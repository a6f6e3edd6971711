"""When refunds are sent, who has to look at them, and what happens to them next; pure."""

import re
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from orderwerk.core.money import parse_amount

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
DEFAULT_SCHEDULE = "16:00"


def next_run(moment: datetime, schedule: str, timezone: str) -> datetime:
    """Return the next time of day (HH:MM, in the shop's zone) at which a periodic shop sends its approved refunds."""
    found = _TIME.fullmatch(schedule) or _TIME.fullmatch(DEFAULT_SCHEDULE)
    hour, minute = (int(part) for part in found.groups()) if found else (16, 0)
    local = moment.astimezone(ZoneInfo(timezone))
    run = datetime.combine(local.date(), time(hour, minute), local.tzinfo)
    return run if run > local else run + timedelta(days=1)


def needs_approval(mode: str, *, four_eyes: bool) -> bool:
    """Tell whether a person has to approve: always, unless the shop sends by itself and the amount is small enough."""
    return mode != "automatic" or four_eyes


def is_above_limit(total: int, currency: str, limit: str, shop_currency: str) -> bool:
    """Tell whether four eyes have to look at a credit of which so much goes back: it is above the shop's limit.

    The limit is an amount of the shop's currency. What an amount of another currency is worth in it nobody here knows, so a
    shop that has a limit looks at every one of those.
    """
    if not limit:
        return False
    return currency != shop_currency or total > parse_amount(limit, shop_currency)


# What happens next to a refund, in words for programs' people; the console has its own in the reader's language.
NEXT_STEPS = {
    "approve": "Somebody has to approve it.",
    "approve_by_other": "Somebody else than its author has to approve it.",
    "hand_over": "It is handed over within a minute.",
    "next_run": "It is handed over with the shop's next run.",
    "transfer": "A person transfers the amount and notes it as paid.",
    "in_file": "It stands in a file for the bank; a person notes it as paid when the bank has done it.",
    "keep": "The money for it was charged back meanwhile, and too little is left: do not transfer it, and note it as failed.",
    "send": "It is sent to the provider in a moment.",
    "calling": "The provider is being asked for it right now.",
    "look_up": "Nobody knows whether the provider took it: it is looked up there before anything is tried again.",
    "wait": "The provider has it; what becomes of it is asked for until it is settled.",
    "taken_back": "Its payment was charged back meanwhile, and too little is left for it: reject it, or wait until the bank gives the money back.",
    "contested": "The payment that its money came from was charged back: reject it, or wait until the bank gives the money back.",
    "retry": "Try it again, or pay it by hand; the amount is free meanwhile.",
    "settled": "Nothing: the money has gone back.",
    "netted": "Nothing: it has paid for the new order of an exchange.",
    "stored": "Nothing: it has become store credit, or has gone back to the one that paid.",
    "came_back": "The money came back; pay the credit invoice back once more.",
    "rejected": "Nothing: it was rejected, the amount is free.",
}
_DONE = {"exchange": "netted", "store_credit": "stored"}
_OUTSIDE = {"intended": "send", "called": "calling", "in_doubt": "look_up", "succeeded": "wait"}


class Standing(Protocol):
    """What of a refund says what happens next."""

    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def mode(self) -> str: ...  # noqa: D102
    @property
    def four_eyes(self) -> bool: ...  # noqa: D102
    @property
    def effect_status(self) -> str | None: ...  # noqa: D102
    @property
    def via(self) -> str: ...  # noqa: D102
    @property
    def is_reversed(self) -> bool: ...  # noqa: D102
    @property
    def due_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def is_taken_back(self) -> bool: ...  # noqa: D102
    @property
    def is_contested(self) -> bool: ...  # noqa: D102
    @property
    def batch_number(self) -> str | None: ...  # noqa: D102


def next_step(refund: Standing) -> str:
    """Return what happens next to a refund: a key of NEXT_STEPS."""
    match refund.status:
        case "awaiting_approval" | "approved":
            return _kept(refund) if refund.is_taken_back else _before(refund)
        case "submitted":
            return _OUTSIDE.get(refund.effect_status or "") or _by_hand(refund)
        case "succeeded":
            return "came_back" if refund.is_reversed else _DONE.get(refund.via, "settled")
        case "failed":
            return "retry"
        case _:
            return "rejected"


def _kept(refund: Standing) -> str:
    return "contested" if refund.is_contested else "taken_back"


def _by_hand(refund: Standing) -> str:
    # What stands in a file for the bank has perhaps gone already: the bank says so, and nobody transfers it once more.
    if refund.batch_number is not None:
        return "in_file"
    return "keep" if refund.is_taken_back else "transfer"


def _before(refund: Standing) -> str:
    if refund.status == "awaiting_approval":
        return "approve_by_other" if refund.four_eyes else "approve"
    return "next_run" if refund.mode == "periodic" and refund.due_at else "hand_over"

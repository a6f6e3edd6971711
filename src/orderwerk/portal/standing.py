"""How a return request stands, in the words that shoppers read; of a wish to keep the goods also what was answered, and when."""

from datetime import datetime

from orderwerk.return_requests.queries import ReturnRequestRow
from orderwerk.return_requests.statuses import OPEN
from orderwerk.returns.claim_queries import ClaimRow

_SAID_OF_KEEPING = OPEN | {"rejected"}
# A cancelled one got no answer: nobody waits for it any more.
_ANSWERS = {
    "requested": "keep_not_yet",
    "approved": "keep_no_send",
    "completed": "keep_no_send",
    "rejected": "keep_no",
}


def standing(found: ReturnRequestRow, repair: ClaimRow | None = None) -> str:
    """Return the word for how a request stands."""
    if repair is not None:
        return f"repair_{repair.status}"
    if found.is_kept:
        return "rq_kept"
    # Who asked to keep it sends nothing before somebody has decided, and is told when it is wanted back after all.
    wished = "_keep" if found.outcome == "keep" and found.status in _SAID_OF_KEEPING else ""
    return f"rq{wished}_{found.status}"


def answer(found: ReturnRequestRow) -> tuple[str, datetime | None]:
    """Return the word for what was answered to the wish to keep the goods, and when; "" where there was none."""
    if found.outcome != "keep":
        return "", None
    if found.is_kept:
        return "keep_yes", found.finished_at
    return _ANSWERS.get(found.status, ""), found.decided_at


def is_sent(found: ReturnRequestRow) -> bool:
    """Tell whether there is anything to send: not while it may be kept."""
    return found.outcome != "keep" or found.status == "approved"


def costs(found: ReturnRequestRow) -> bool:
    """Tell whether the return costs something: nothing while it may be kept."""
    return bool(found.fee_minor) and is_sent(found)

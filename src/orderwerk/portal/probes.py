"""Keeps guests from learning what goods have cost by announcing them: what would tell it is answered in one way, and counted.

Whoever knows number and postal code could announce so many pieces, and then so many others: what is refused because of what
it was sold for brackets a price.
"""

from collections.abc import Callable
from typing import TypeVar

from orderwerk.core.errors import Refusal, WrongState
from orderwerk.portal.guesses import count_announcing
from orderwerk.portal.page import Visitor

_T = TypeVar("_T")
# Refused because of what the goods were sold for.
_TELLING = frozenset({"fee_eats_all", "too_dear_to_keep"})


def announcing(visitor: Visitor, send: Callable[[], _T]) -> _T:
    """Announce; a guest who would learn an amount from the refusal is told only that it cannot be, which counts as a miss.

    Of an order that was missed too often guests announce nothing that day: they are told the same, and nobody looks.
    """
    if not visitor.is_guest:
        return send()
    attempt = count_announcing(str(visitor.order.id))
    if not attempt.is_allowed:
        raise _not_this_way()
    try:
        made = send()
    except Refusal as refusal:
        if refusal.code in _TELLING:
            raise _not_this_way() from None
        attempt.forgive()
        raise
    attempt.forgive()
    return made


def taken_back(visitor: Visitor) -> None:
    """Count what a guest has taken back: who announces and takes back again would find out the same way."""
    if visitor.is_guest:
        count_announcing(str(visitor.order.id))


def _not_this_way() -> WrongState:
    return WrongState("This cannot be announced here.", code="not_this_way")

"""Keeps guests from learning what goods have cost by announcing them: what would tell it is answered in one way, and counted.

Whoever knows number and postal code could announce so many pieces, and then so many others: what is refused because of what
it was sold for brackets a price.
"""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest

from orderwerk.core.errors import Refusal, WrongState
from orderwerk.portal.guesses import Try, count_try
from orderwerk.portal.page import Visitor

_T = TypeVar("_T")
# Refused because of what the goods were sold for.
_TELLING = frozenset({"fee_eats_all", "too_dear_to_keep"})


def announcing(request: HttpRequest, visitor: Visitor, send: Callable[[], _T]) -> _T:
    """Announce; a guest who would learn an amount from the refusal is told only that it cannot be, which counts as a miss.

    Of an order that was missed too often guests announce nothing that day: they are told the same, and nobody looks.
    """
    if not visitor.is_guest:
        return send()
    attempt = _count(request, visitor)
    if not attempt.is_allowed or attempt.is_missed:
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


def taken_back(request: HttpRequest, visitor: Visitor) -> None:
    """Count what a guest takes back: who announces and takes back again would find out the same way."""
    if visitor.is_guest:
        _count(request, visitor)


def _count(request: HttpRequest, visitor: Visitor) -> Try:
    # Whoever is here has proved more than a code: for all orders together it weighs no more than any miss.
    return count_try(str(request.META.get("REMOTE_ADDR", "")), str(visitor.order.id), "@")


def _not_this_way() -> WrongState:
    return WrongState("This cannot be announced here.", code="not_this_way")

"""The public shape of why an order waits."""

from collections.abc import Mapping
from typing import Any

import msgspec

from orderwerk.allocations.explain import why_waiting


class OrderWaiting(msgspec.Struct, frozen=True):
    """Why pieces of an order wait, as routing sees it now; `explanation` says it in words.

    `lacks` are pieces per location that was looked at, `skipped` why others were not, `passed` the groups of rules without a
    rule for it, `free` what could be claimed now; `otherwise` is what the rule wants where nothing fits. Where nothing waits
    `waiting` is 0.
    """

    waiting: int
    code: str = ""
    explanation: str = ""
    group: str = ""
    rule: str = ""
    passed: list[str] = []
    lacks: dict[str, int] = {}
    skipped: dict[str, str] = {}
    free: dict[str, int] = {}
    otherwise: str = ""


def order_waiting(found: Mapping[str, Any] | None) -> OrderWaiting:
    """Return the public shape of what `explain_waiting` found."""
    if found is None:
        return OrderWaiting(0)
    names = ("waiting", "code", "lacks", "free", "otherwise")
    more = {name: found[name] for name in ("group", "rule", "passed", "skipped") if name in found}
    known = {name: found[name] for name in names}
    return OrderWaiting(explanation=why_waiting(found), **known, **more)

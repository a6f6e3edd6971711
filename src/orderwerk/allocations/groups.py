"""Ordered groups of routing rules: which group an order falls to, and which rule of it decides; pure.

The first group that is on and whose filters fit is asked, in it the first rule that fits. Where none of its rules fits, the
next such group is asked; where no group has a rule for the order, it is routed as without rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from orderwerk.allocations.rule_filters import Filters, OrderFacts, fits
from orderwerk.allocations.rules import MOST_RULES, Rule
from orderwerk.core import fields

MOST_GROUPS = 20
# The group of rules that were given without one.
DEFAULT = "Default"
# As they are sent; what is stored is read however many there are.
Rules = Annotated[list[Rule], msgspec.Meta(max_length=MOST_RULES)]


class Group(Filters, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Routing rules for some orders, in the order in which they are asked; its filters are read as those of rules.

    With `is_active` off it is passed over.
    """

    name: fields.Name
    is_active: bool = True
    rules: list[Rule] = []

    @property
    def is_plain(self) -> bool:
        """Whether it is on and for every order: its rules alone say all of it."""
        return self == Group(name=self.name, rules=self.rules)


@dataclass(frozen=True, slots=True)
class Deciding:
    """The rule that decides about an order and its group, and the groups that were asked before and had no rule for it."""

    rule: Rule | None = None
    group: str = ""
    passed: tuple[str, ...] = ()


def deciding(groups: Sequence[Group], facts: OrderFacts, to_minor: Mapping[str, int]) -> Deciding:
    """Return which rule decides about an order; `to_minor` knows every amount that groups and rules name."""
    passed: list[str] = []
    for group in groups:
        if not group.is_active or not fits(group, facts, to_minor):
            continue
        rule = next((rule for rule in group.rules if fits(rule, facts, to_minor)), None)
        if rule is not None:
            return Deciding(rule, group.name, tuple(passed))
        passed.append(group.name)
    return Deciding(passed=tuple(passed))


def in_one_group(rules: Sequence[Rule], name: str = DEFAULT) -> list[Group]:
    """Return rules that were given without a group in one that is for every order; nothing for no rules."""
    return [Group(name=name, rules=list(rules))] if rules else []


def rules_of(groups: Sequence[Group]) -> list[Rule]:
    """Return the rules of the groups that are on, in the order in which they are asked."""
    return [rule for group in groups if group.is_active for rule in group.rules]


def amounts_of(groups: Sequence[Group]) -> set[str]:
    """Return every amount that groups and rules name, to be read once in the shop's currency."""
    filters: list[Filters] = [*groups, *(rule for group in groups for rule in group.rules)]
    named = {amount for found in filters for amount in (found.min_value, found.max_value)}
    named |= {rule.least_value for group in groups for rule in group.rules}
    return {amount for amount in named if amount is not None}

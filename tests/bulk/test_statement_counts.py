"""Every command runs the same number of statements for 1, 7 and 50 items."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

import orderwerk
from orderwerk.core import sql
from tests import build
from tests.bulk import (
    scenarios_floor,
    scenarios_holds,
    scenarios_picking,
    scenarios_providers,
    scenarios_returns,
    scenarios_shipments,
    scenarios_substitutions,
)

SIZES = (1, 7, 50)
# The scenarios of each module register themselves in the same table.
ALL = (
    scenarios_returns.ALL
    | scenarios_floor.ALL
    | scenarios_holds.ALL
    | scenarios_providers.ALL
    | scenarios_picking.ALL
    | scenarios_shipments.ALL
    | scenarios_substitutions.ALL
)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ALL))
def test_a_command_runs_the_same_number_of_statements_for_any_number_of_items(name: str) -> None:
    prepare, command = ALL[name]
    counts: dict[int, int] = {}
    last: list[str] = []
    for size in SIZES:
        items = prepare(size)

        with sql.count_statements() as count:
            outcomes = command(items, actor=build.TESTER)

        assert [o.error for o in outcomes if not o.ok] == []
        counts[size], last = count.total, count.statements

    assert len(set(counts.values())) == 1, (counts, last)


def test_every_command_has_a_scenario() -> None:
    found: set[str] = set()
    for module in pkgutil.walk_packages(orderwerk.__path__, "orderwerk."):
        parts = module.name.split(".")
        if (len(parts) > 2 and parts[2] == "commands") or (len(parts) == 3 and parts[1] == "flows"):
            found |= {
                name
                for name, value in inspect.getmembers(
                    importlib.import_module(module.name), _is_command(module.name)
                )
            }

    assert found == {name.partition(",")[0] for name in ALL}


def _is_command(module: str) -> Callable[[Any], bool]:
    def matches(value: Any) -> bool:
        if (
            not inspect.isfunction(value)
            or value.__module__ != module
            or value.__name__.startswith("_")
        ):
            return False
        signature = inspect.signature(value)
        return list(signature.parameters)[:1] == ["items"] or value.__name__ == "place_orders"

    return matches

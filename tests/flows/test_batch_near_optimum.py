"""Real orders that are allocated together need no more shipments than the proven optimum, give or take one in a hundred."""

import csv
import json
import os
from pathlib import Path

import pytest

from bench.allocation import together

pytestmark = pytest.mark.django_db

_MOST = 1.01


@pytest.mark.parametrize("number", range(4))
def test_orders_that_are_allocated_together_need_the_shipments_of_the_optimum(number: int) -> None:
    shared = os.environ.get("ORDERWERK_SHARED_DATA")
    if shared is None:
        pytest.skip("ORDERWERK_SHARED_DATA is not set: no real orders to allocate")
    folder = Path(shared) / "allocation"
    with (folder / "values.csv").open(newline="", encoding="utf-8") as file:
        value = list(csv.DictReader(file))[number]
    instance = json.loads((folder / value["instance"]).read_text(encoding="utf-8"))

    shipments, is_feasible = together(number, instance)

    assert is_feasible
    assert shipments <= int(value["optimum"]) * _MOST, (value["instance"], shipments)

"""Every list of the API and each thing in it, from its own table: the price does not depend on how much there is."""

from typing import Any

import msgspec
import pytest

from orderwerk.api.resources import RESOURCES
from orderwerk.core import sql
from tests.api.conftest import Api, caller
from tests.console.everything import everything

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MANY = 20
# The feed tells what is committed, and a test's own transaction never is; tests/queries looks at what it costs.
_COMMITTED = {"events"}


def _price(api: Api, path: str) -> tuple[int, Any]:
    with sql.count_statements() as counted:
        answer = api.get(path)
    assert answer.status_code == 200, path
    return counted.total, answer.json()


def _prices(api: Api) -> dict[str, tuple[int, int, int]]:
    """Per list: the statements of a page, those of the largest thing on it, and how many rows it has."""
    found = {}
    for resource in RESOURCES:
        path = f"/{resource.plural}"
        api.get(path)
        page, answer = _price(api, f"{path}?limit=200")
        items = answer["items"]
        if resource.plural in _COMMITTED:
            continue
        assert items, path
        largest = max(items, key=lambda item: len(msgspec.json.encode(item)))
        one, alone = _price(api, f"{path}/{largest['id']}")
        assert alone == largest, path
        found[resource.plural] = (page, one, len(items))
    return found


def test_lists_and_objects_cost_no_more_for_twenty_rows_than_for_one() -> None:
    everything(1)
    api = caller()
    few = _prices(api)
    every = everything(MANY)
    many = _prices(api)

    # What is promised of goods on their way asks rules only while something of them is left: that may be less, and is never more.
    promised = {"orders"}
    for name in few:
        if name in promised:
            assert many[name][0] <= few[name][0], name
        else:
            assert many[name][0] == few[name][0], name
        assert many[name][1] == few[name][1], name
    assert {name for name in few if many[name][2] - few[name][2] < MANY} == set()
    order = f"/orders/{every.values['orders']['id']}/events"
    assert _price(api, order)[0] == _price(api, f"{order}?limit=1")[0]

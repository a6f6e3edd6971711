"""Real cancellations through the API: each accounted for, what fits no sale is parked with a reason, nothing over-credited.

`cancellations.csv` is a sample of the data set "Online Retail" (UCI Machine Learning Repository 352, Daqing Chen, 2015,
doi 10.24432/C5BW33, CC BY 4.0): the whole year of a few customers, lines unchanged. The whole year is replayed by
`python -m bench.cancellations`.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.cancelled_sales import Year, load, read
from bench.cancelled_story import Story, replay, tell
from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from tests.api.conftest import Api, caller

SAMPLE = Path(__file__).parent / "cancellations.csv"
pytestmark = pytest.mark.django_db(transaction=True)


def _replay(api: Api, year: Year) -> Story:
    def send(path: str, items: Sequence[Any], key: str) -> list[dict[str, Any]]:
        return api.bulk(f"/{path}", *items, key=key)

    return replay(year, send)


def _fates(story: Story) -> Counter[str]:
    return Counter(word for fates in story.fates.values() for word in fates)


def test_every_line_is_returned_credited_or_parked_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    year = read(SAMPLE)
    load(year)

    story = _replay(caller(), year)

    assert tell(year, story), capsys.readouterr().out
    assert _fates(story) == EXPECTED
    report = run_checks([x for x in ALL if x.id not in {"durable", "stuck-outbox", "nets-role"}])
    assert (report.findings, report.unchecked) == ([], {})
    before = sql.fetch("select sum(credited_minor), sum(version) from orders_order")

    # The same cancellations once more: the API answers as before, and nothing is given back twice.
    again = _replay(caller(), _with_ids(read(SAMPLE), year))

    assert {"too_many_to_return", "too_much_to_credit"} >= _refusals(again)
    assert sql.fetch("select sum(credited_minor), sum(version) from orders_order") == before


def _with_ids(fresh: Year, known: Year) -> Year:
    fresh.order_ids = known.order_ids
    for key, sales in fresh.sales.items():
        for mine, theirs in zip(sales, known.sales[key], strict=True):
            mine.order_line_id = theirs.order_line_id
    return fresh


def _refusals(story: Story) -> set[str]:
    return {word.split(": ")[1] for word in _fates(story) if word.startswith("refused")}


EXPECTED = Counter(
    {
        "parked: no_customer": 20,
        "parked: never_sold": 7,
        "returned and credited": 7,
        "credited by amount": 5,
        "parked: no_invoice_left": 2,
        "parked: service_code": 1,
        "parked: more_than_sold": 1,
        "parked: sold_for_less": 1,
    }
)

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


Sent = list[tuple[str, Sequence[Any], str, list[dict[str, Any]]]]


def _replay(api: Api, year: Year) -> tuple[Story, Sent]:
    sent: Sent = []

    def send(path: str, items: Sequence[Any], key: str) -> list[dict[str, Any]]:
        results = api.bulk(f"/{path}", *items, key=key)
        sent.append((path, items, key, results))
        return results

    return replay(year, send), sent


def _fates(story: Story) -> Counter[str]:
    return Counter(word for fates in story.fates.values() for word in fates)


def test_every_line_is_returned_credited_or_parked_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    year = read(SAMPLE)
    load(year)

    api = caller()

    story, sent = _replay(api, year)

    assert tell(year, story), capsys.readouterr().out
    assert _fates(story) == EXPECTED
    report = run_checks([x for x in ALL if x.id not in {"durable", "stuck-outbox", "nets-role"}])
    assert (report.findings, report.unchecked) == ([], {})
    before = sql.fetch("select sum(credited_minor), sum(version) from orders_order")

    # The same calls once more are answered as before, and nothing is given back twice.
    for path, items, key, results in sent:
        assert api.bulk(f"/{path}", *items, key=key) == results
    assert sql.fetch("select sum(credited_minor), sum(version) from orders_order") == before


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

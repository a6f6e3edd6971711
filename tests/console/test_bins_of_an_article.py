"""The bins of an article on its page."""

import pytest

from orderwerk.console.views import stock
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build
from tests.console.test_deeds import Enter, said

pytestmark = pytest.mark.django_db


def test_many_bins_of_an_article_come_page_by_page(
    enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock, "ROWS", 2)
    client, world = enter(), build.world(locations=1, stock=0)
    sku, place = world.skus[0], world.locations[0]
    names = ["A-1", "A-2", "A-3"]
    bins = [BinItem(location=place, bin=name, position=n) for n, name in enumerate(names, start=1)]
    set_bins(bins, actor=build.TESTER)
    counts = [CountItem(sku=sku, location=place, quantity=1, bin=name) for name in names]
    count_stock_levels(counts, actor=build.TESTER)

    first = client.get(f"/stock/{sku}/")
    then = client.get(f"/stock/{sku}/", {"bins": first.context["bins"].next})
    wrong = client.get(f"/stock/{sku}/", {"bins": "x"})

    pages = [[row.bin for row in page.context["bins"].items] for page in (first, then, wrong)]
    assert pages == [["A-1", "A-2"], ["A-3"], ["A-1", "A-2"]]
    assert ("From the start" in said(then), "From the start" in said(first)) == (True, False)

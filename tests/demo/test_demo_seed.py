from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.checks.invariant import Severity
from orderwerk.checks.run import ALL, run_checks
from orderwerk.cli import demo_card, demo_work
from orderwerk.cli.demo_orders import documents, read_invoices
from orderwerk.cli.demo_seed import fill, seed
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.orders.statuses import OrderStatus
from orderwerk.picklists.statuses import PickListStatus
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops

pytestmark = pytest.mark.slow


@pytest.fixture
def demo(transactional_db: None) -> None:
    person = NewUser(username="demo", name="Demo", role="owner", password="correct horse battery")
    create_users([person], actor=Actor.system("test"))[0].require()
    fill()


def counts(statement: str) -> dict[str, int]:
    return dict(sql.fetch(statement))


def _waiting_on_the_floor() -> dict[str, bool]:
    """Of which kinds of work on the floor there is something to be done."""
    return dict(
        sql.fetch(
            "select 'wave', exists (select 1 from picklists_wave) "
            "union all select 'inbound', exists (select 1 from stock_inbound where kind = 'purchase' and status = 'open') "
            "union all select 'transfer', exists (select 1 from stock_inbound where kind = 'transfer' and status = 'open') "
            "union all select 'cancel request', exists (select 1 from orders_cancel_request where status = 'requested') "
            "union all select 'problem', exists (select 1 from shipments_exception where status = 'open') "
            "union all select 'due count', exists (select 1 from stock_count_request where cause = 'cycle' and closed_at is null) "
            "union all select 'dock', exists (select 1 from stock_bin_stock s join stock_bin b on b.id = s.bin_id "
            "where b.code = 'DOCK' and s.quantity > 0) "
            "union all select 'collect', exists (select 1 from shipments_shipment h join orders_order o on o.id = h.order_id "
            "where o.collect_location_id is not null and h.status = 'announced') "
            "union all select 'lot', exists (select 1 from stock_bin_stock s join stock_lot t on t.product_id = s.product_id "
            "and t.code = s.lot and t.expires_on < now() + interval '30 days' where s.quantity > 0) "
            "union all select 'kept', exists (select 1 from allocations_channel where reserved > 0)"
        )
    )


@pytest.mark.usefixtures("demo")
def test_the_demo_is_a_morning_of_work_that_breaks_no_invariant_and_is_filled_once() -> None:
    orders = counts("select status, count(*) from orders_order group by 1")
    lists = counts("select status, count(*) from picklists_pick_list group by 1")
    shipments = counts("select status, count(*) from shipments_shipment group by 1")

    assert set(orders) == set(OrderStatus.values)
    assert min(orders.values()) >= 5
    assert set(lists) >= set(PickListStatus.values) - {"cancelled"}
    assert set(shipments) == {"open", "announced", "shipped", "delivered", "cancelled"}
    assert counts("select currency, count(*) from orders_order group by 1").keys() == {"EUR", "GBP"}
    assert counts("select locale, count(*) from orders_order group by 1").keys() == {"nl", "en"}
    assert sql.fetch("select count(*) from memos_memo")[0][0] == 5
    assert sql.fetch("select max(placed_at) > now() - interval '10 minutes' from orders_order") == [
        (True,)
    ]
    assert sql.fetch(
        "select count(*) from orders_order where customer_name not like 'Demo %%' or customer_email not like '%%@example.com'"
    ) == [(0,)]
    # Nothing is told of an order before it was there.
    assert (
        sql.fetch(
            "select o.number, e.kind from core_event e join orders_order o on o.id = e.order_id where e.at < o.placed_at order by 1"
        )
        == []
    )
    assert _waiting_on_the_floor() == dict.fromkeys(
        (
            "wave",
            "inbound",
            "transfer",
            "cancel request",
            "problem",
            "due count",
            "dock",
            "kept",
            "collect",
            "lot",
        ),
        True,
    )
    wrong = run_checks([i for i in ALL if i.id != "durable"]).findings
    assert [f for f in wrong if f.severity is Severity.VIOLATION] == []

    fill()

    assert counts("select status, count(*) from orders_order group by 1") == orders


def test_a_fill_that_is_stopped_half_way_leaves_nothing(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo_work, "_prepare_lists", stop)

    with pytest.raises(KeyboardInterrupt):
        fill()

    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from shops_shop) + (select count(*) from orders_order)"
        )
        assert cursor.fetchone() == (0,)


def test_the_orders_come_in_the_order_of_their_placing_up_to_now() -> None:
    now = clock.now()

    placed = documents(read_invoices(), now)

    moments = [order.document.placed_at for order in placed]
    assert moments == sorted(moments)
    assert moments[-1] < now
    assert [order.day for order in placed] == sorted((order.day for order in placed), reverse=True)


def test_a_filled_demo_is_known_without_looking_closer_and_any_doubt_is_a_no(
    transactional_db: None, tmp_path: Path, settings: Any
) -> None:
    settings.ORDERWERK_DATA_DIR = tmp_path
    named = connection.settings_dict
    address = f"postgresql://{named['USER']}:{named['PASSWORD']}@{named['HOST']}:{named['PORT']}/{named['NAME']}"
    before = demo_card.is_filled(tmp_path, address)
    # The shop is there: what is left to be made is the login and the token.
    shop = ShopItem(code=demo_card.SHOP, name="Demo", currency="EUR", locale="nl")
    upsert_shops([shop], actor=Actor.system("test"))[0].require()
    seed()
    filled = demo_card.is_filled(tmp_path, address)
    card = demo_card.read(tmp_path)
    seed()
    again = demo_card.read(tmp_path)
    sql.execute("update accounts_api_token set revoked_at = now()")

    assert (before, filled) == (False, True)
    assert card == again
    assert not demo_card.is_filled(tmp_path, address)
    assert not demo_card.is_filled(tmp_path, "postgresql://nobody@127.0.0.1:1/none")

"""Every page of the daily sections: for every role, for two shops, and what is asked for oddly."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.accounts.models import Role
from orderwerk.accounts.rules import role_may
from orderwerk.console.views.order import TABS
from orderwerk.core import sql
from tests import build
from tests.console.morning import Morning, morning

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def pages(m: Morning) -> dict[str, str]:
    """Every address that is looked at, with the scope it needs."""
    order, shipped, waiting = m.orders[-1], m.shipments[0], m.shipments[-1]
    done, open_list = m.pick_lists[0], m.pick_lists[-1]
    sku = m.world.skus[0]
    [(line,)] = sql.fetch(
        "select l.id from picklists_line l join picklists_pick_list p on p.id = l.pick_list_id where p.number = %s limit 1",
        (open_list,),
    )
    return {
        "/orders/": "orders:read",
        f"/orders/?q={order}&sort=-total": "orders:read",
        f"/orders/{order}/": "orders:read",
        **{f"/orders/{order}/{tab.slug}/": tab.scope for tab in TABS},
        **{f"/orders/{m.orders[0]}/{tab.slug}/": tab.scope for tab in TABS},
        **{f"/orders/{order}/do/{verb}/": "orders:write" for verb in ("hold", "hand-over", "cancel", "tags", "comment", "address")},
        "/allocations/": "stock:read",
        "/pick-lists/": "shipping:read",
        "/pick-lists/?status=picked": "shipping:read",
        "/pick-lists/new/": "shipping:write",
        "/pick-lists/new/preview/?kind=totes&limit=5": "shipping:write",
        f"/pick-lists/new/preview/?location={m.world.locations[0]}&kind=totes&limit=5": "shipping:write",
        "/pick-lists/waves/": "shipping:read",
        f"/pick-lists/?wave={m.wave}": "shipping:read",
        f"/pick-lists/{m.sorted_list}/": "shipping:read",
        f"/pick-lists/{open_list}/": "shipping:read",
        f"/pick-lists/{done}/": "shipping:read",
        "/pick-lists/progress/": "shipping:read",
        f"/pick-lists/{open_list}/scan/": "shipping:write",
        f"/pick-lists/{open_list}/progress/": "shipping:read",
        f"/pick-lists/{open_list}/release/": "shipping:write",
        f"/pick-lists/{open_list}/cancel/": "shipping:write",
        f"/pick-lists/{open_list}/assign/": "shipping:write",
        f"/pick-lists/{open_list}/lines/{line}/short/": "shipping:write",
        "/scan/": "shipping:write",
        f"/scan/?location={m.world.locations[1]}": "shipping:write",
        f"/scan/receive/{m.world.locations[0]}/": "stock:write",
        f"/scan/receive/{m.world.locations[0]}/?blind": "stock:write",
        f"/scan/put-away/{m.world.locations[0]}/": "stock:write",
        f"/scan/move/{m.world.locations[0]}/": "stock:write",
        f"/scan/count/{m.world.locations[0]}/": "stock:write",
        f"/scan/find/{m.world.locations[0]}/?code={sku}": "stock:write",
        "/stock/do/count-plans/": "stock:read",
        f"/stock/do/count-plans/of/{m.world.locations[0]}/": "stock:read",
        f"/stock/do/count-plans/set/{m.world.locations[0]}/": "settings:write",
        f"/stock/do/channel/{sku}/": "stock:write",
        "/cancel-requests/": "shipping:read",
        "/cancel-requests/?status=all&q=T": "shipping:read",
        f"/cancel-requests/{m.cancel_request}/reject/": "shipping:write",
        **{f"/orders/substitutes/{m.substitution}/do/{verb}/": "orders:write" for verb in ("accept", "decline", "withdraw")},
        f"/orders/{m.orders[0]}/do/substitute/{build.order_lines(m.order_ids[0])[0]}/": "orders:write",
        "/delivery-problems/": "shipping:read",
        "/delivery-problems/?status=all&kind=lost&q=S": "shipping:read",
        "/shipments/": "shipping:read",
        "/shipments/?status=shipped": "shipping:read",
        "/shipments/pack/": "shipping:write",
        "/shipments/pack/?code=nothing": "shipping:write",
        f"/shipments/pack/?done={shipped}": "shipping:write",
        f"/shipments/{waiting}/pack/": "shipping:write",
        f"/shipments/{waiting}/": "shipping:read",
        f"/shipments/{shipped}/": "shipping:read",
        **{f"/shipments/{waiting}/{verb}/": "shipping:write" for verb in ("part", "cancel", "reject", "split", "merge", "move", "contents")},
        f"/shipments/{shipped}/step/": "shipping:write",
        "/invoices/": "billing:read",
        "/invoices/?status=to-refund&sort=-gross": "billing:read",
        f"/invoices/{m.invoices[0]}/": "billing:read",
        f"/invoices/{m.credits[0]}/": "billing:read",
        f"/invoices/{m.invoices[0]}.pdf": "billing:read",
        f"/invoices/{m.invoices[0]}/credit/": "billing:write",
        "/return-requests/": "returns:read",
        "/return-requests/expected/": "returns:read",
        "/return-requests/withdrawals/": "returns:read",
        f"/return-requests/{m.request}/": "returns:read",
        f"/return-requests/{m.request}/photos/1/": "returns:read",
        **{f"/return-requests/{m.request}/{verb}/": "returns:write" for verb in ("reject", "cancel")},
        "/returns/": "returns:read",
        "/returns/new/": "returns:write",
        "/returns/claims/": "returns:read",
        "/returns/claims/?status=all&q=CL": "returns:read",
        f"/returns/claims/{m.claim}/refunded/": "returns:write",
        f"/orders/{m.orders[0]}/do/claim/": "returns:write",
        f"/returns/{m.returned}/": "returns:read",
        f"/orders/{m.orders[0]}/do/return/": "returns:write",
        f"/orders/{m.orders[0]}/do/return/?request={m.request}": "returns:write",
        f"/orders/{m.orders[0]}/do/return-request/": "returns:write",
        f"/orders/{m.orders[0]}/do/withdrawal/": "returns:write",
        "/settings/returns/": "settings:read",
        "/settings/returns/reasons/new/": "settings:write",
        "/settings/returns/reasons/damaged/": "settings:write",
        f"/settings/returns/shops/{m.world.shop}/": "settings:write",
        "/refunds/": "refunds:read",
        "/refunds/?status=all&q=R": "refunds:read",
        f"/refunds/{m.refunds[0]}/reject/": "refunds:write",
        f"/refunds/{m.refunds[2]}/paid/": "refunds:write",
        f"/refunds/{m.refunds[2]}/failed/": "refunds:write",
        "/stock/": "stock:read",
        "/stock/do/counts/": "stock:read",
        "/stock/do/self-check/": "stock:read",
        "/stock/do/counts/?status=counted": "stock:read",
        f"/stock/{sku}/": "stock:read",
        **{f"/stock/do/{verb}/{sku}/": "stock:write" for verb in ("count", "adjust", "receive", "transfer", "safety")},
        f"/stock/{m.kit}/": "stock:read",
        f"/orders/{m.kit_order}/articles/": "orders:read",
        f"/orders/{m.waiting}/articles/": "orders:read",
        "/inbound/": "stock:read",
        f"/inbound/at/{m.inbound}/": "stock:read",
        "/inbound/new/": "stock:write",
        "/inbound/send/": "stock:write",
        f"/inbound/at/{m.inbound}/close/": "stock:write",
        f"/inbound/at/{m.inbound}/receive/{m.inbound_line}/": "stock:write",
        "/settings/payments/": "settings:read",
        "/refunds/differences/": "refunds:read",
        "/refunds/transfers/": "refunds:read",
        f"/refunds/{m.refunds[2]}/account/": "refunds:write",
        "/refunds/reconciliations/": "refunds:read",
        f"/settings/payments/stripe/shops/{m.world.shop}/": "settings:write",
        "/settings/shipping/": "settings:read",
        f"/settings/shipping/{m.world.shop}/rules/new/": "settings:write",
        f"/settings/shipping/{m.world.shop}/rules/0/": "settings:write",
        "/settings/holds/": "settings:read",
        f"/settings/holds/{m.world.shop}/rules/new/": "settings:write",
        f"/settings/holds/{m.world.shop}/rules/0/": "settings:write",
        "/settings/routing/": "settings:read",
        f"/settings/routing/{m.world.shop}/": "settings:read",
        f"/settings/routing/{m.world.shop}/try/": "settings:read",
        f"/settings/routing/{m.world.shop}/groups/new/": "settings:write",
        f"/settings/routing/{m.world.shop}/groups/0/": "settings:write",
        f"/settings/routing/{m.world.shop}/groups/0/rules/new/": "settings:write",
        f"/settings/routing/{m.world.shop}/groups/0/rules/1/": "settings:write",
        "/products/": "stock:read",
        "/products/new/": "stock:write",
        f"/products/edit/{sku}/": "stock:write",
        f"/settings/locations/bins/{m.world.locations[0]}/": "settings:read",
        f"/settings/locations/bins/{m.world.locations[0]}/set/": "settings:write",
    }  # fmt: skip


def deeds(m: Morning) -> dict[str, str]:
    """Every address that is only posted to, with the scope it needs."""
    order, waiting, open_list = m.orders[-1], m.shipments[-1], m.pick_lists[-1]
    [(line,)] = sql.fetch(
        "select l.id from picklists_line l join picklists_pick_list p on p.id = l.pick_list_id where p.number = %s limit 1",
        (open_list,),
    )
    return {
        **{f"/orders/{order}/do/{verb}/": "orders:write" for verb in ("release", "cancel-lines", "memo", "memo-pin")},
        f"/orders/{order}/do/pick/": "shipping:write",
        **{f"/shipments/{waiting}/{verb}/": "shipping:write" for verb in ("ship", "announce", "pick", "track", "packages", "count")},
        f"/cancel-requests/{m.cancel_request}/accept/": "shipping:write",
        "/stock/do/repair/": "stock:write",
        **{f"/shipments/{waiting}/{verb}/": "shipping:write" for verb in ("combine", "separate")},
        f"/pick-lists/{open_list}/complete/": "shipping:write",
        f"/pick-lists/{open_list}/scans/": "shipping:write",
        **{f"/pick-lists/{open_list}/do/{verb}/": "shipping:write" for verb in ("urgent", "ordinary", "pause", "resume", "wake")},
        f"/pick-lists/{open_list}/lines/{line}/picked/": "shipping:write",
        f"/inbound/at/{m.inbound}/receive-all/": "stock:write",
        f"/settings/routing/{m.world.shop}/groups/0/do/down/": "settings:write",
        f"/settings/routing/{m.world.shop}/groups/0/rules/1/up/": "settings:write",
        f"/settings/shipping/{m.world.shop}/rules/0/up/": "settings:write",
        f"/settings/holds/{m.world.shop}/rules/1/up/": "settings:write",
        f"/settings/routing/{m.world.shop}/do/apply/": "settings:write",
        f"/return-requests/{m.request}/approve/": "returns:write",
        f"/returns/{m.returned}/lines/{m.return_line}/inspect/": "returns:write",
        "/return-requests/bulk/approve/": "returns:write",
        **{f"/orders/bulk/{verb}/": "orders:write" for verb in ("hold", "hand-over", "release", "allocate", "tag", "cancel")},
        "/orders/bulk/pick/": "shipping:write",
        f"/orders/{order}/do/pay-back/": "refunds:write",
        f"/refunds/{m.refunds[0]}/do/approve/": "refunds:write",
        **{f"/refunds/bulk/{verb}/": "refunds:write" for verb in ("approve", "retry", "by-hand", "paid", "file")},
        f"/settings/payments/mollie/test/{m.world.shop}/": "settings:write",
        **{f"/shipments/bulk/{verb}/": "shipping:write" for verb in ("announce", "ship", "notify", "pick", "combine")},
    }  # fmt: skip


@pytest.mark.parametrize("role", Role.values)
def test_each_role_reaches_exactly_what_it_may(enter: Enter, role: str) -> None:
    built = morning()
    client = enter(role)

    for path, scope in pages(built).items():
        assert client.get(path).status_code == (200 if role_may(role, scope) else 403), path
    for path, scope in deeds(built).items():
        assert client.get(path).status_code == 405, path
        if not role_may(role, scope):
            assert client.post(path).status_code == 403, path
    assert Client().get("/orders/").status_code == 302


def test_only_who_may_allocate_moves_and_releases(enter: Enter) -> None:
    built = morning()
    waiting = built.world.place()
    [claim] = build.allocations(waiting)

    for role, status in (("read_only", 403), ("finance", 403), ("customer_service", 200)):
        assert enter(role).get(f"/allocations/{claim[0]}/move/").status_code == status
    assert enter("read_only").post(f"/allocations/{claim[0]}/release/").status_code == 403
    assert enter("read_only").post("/allocations/bulk/release/").status_code == 403
    assert enter("read_only").post(f"/orders/{built.orders[0]}/do/allocate/").status_code == 403


def test_a_name_with_a_nul_is_the_name_of_nothing(enter: Enter) -> None:
    client = enter()
    named = ("orders/%s", "orders/%s/memo", "orders/%s/do/hold", "stock/%s", "products/edit/%s", "shipments/%s", "pick-lists/%s", "settings/shops/edit/%s", "settings/locations/bins/%s")  # fmt: skip

    assert {client.get(f"/{address % 'a%00b'}/").status_code for address in named} == {404}


def test_the_other_shops_things_are_not_there(enter: Enter) -> None:
    mine, other = morning(), morning()
    client = enter("owner", shops=(mine.world.shop,))
    own = [path for path in pages(other) if any(n in path for n in (*other.orders, *other.shipments, *other.pick_lists)) and "?" not in path]  # fmt: skip

    assert len(own) > 30
    for path in own:
        assert client.get(path).status_code == 404, path
    for path in deeds(other):
        if "/bulk/" not in path and path != "/stock/do/repair/":
            assert client.post(path).status_code == 404, path
    listed = client.get("/orders/").content.decode()
    assert mine.orders[0] in listed
    assert f">{other.orders[0]}<" not in listed
    answer = client.post(
        "/orders/bulk/release/", {"id": [str(key) for key in other.order_ids]}, follow=True
    )
    assert answer.context["results"] == []


def test_a_person_of_one_location_sees_only_its_work(enter: Enter) -> None:
    built = morning()
    client = enter("warehouse", locations=(built.world.locations[1],))

    assert client.get(f"/shipments/{built.shipments[0]}/").status_code == 404
    assert client.get(f"/pick-lists/{built.pick_lists[0]}/").status_code == 404
    rows = client.get("/shipments/").context["listing"].rows
    assert {row["shipment"].location for row in rows} == {built.world.locations[1]}


def test_an_address_that_makes_no_sense_gives_the_first_page(enter: Enter) -> None:
    built = morning()
    client = enter()

    for query in (
        "cursor=nonsense",
        "sort=nothing",
        "status=unknown",
        "from=x",
        "to=9999-12-31",
        "from=0001-01-01",
        "file=exe",
        "q=%00",
        "cursor=" + "x" * 900,
    ):
        assert client.get(f"/orders/?{query}").status_code == 200, query
    assert client.get("/orders/nothing/").status_code == 404
    assert client.get(f"/orders/{built.orders[0]}/nothing/").status_code == 404
    assert client.get("/stock/nothing/").status_code == 404
    assert client.post("/orders/bulk/nothing/").status_code == 404
    assert client.post("/orders/bulk/hold/", {"id": "x"}).status_code == 404

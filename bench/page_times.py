"""How long the console's pages take: the whole request in the server, its statements in the database; one client."""

import random
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.budgets import verdict
from bench.ground import seconds

Addresses = dict[str, Callable[[], str]]
_TABS = ("general", "articles", "allocations", "pick-lists", "shipments", "invoices", "return-requests", "returns", "refunds", "memo", "emails")  # fmt: skip
_DEEP = 40
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class PageTime:
    """Milliseconds of a page, and how many statements it takes."""

    name: str
    server: list[float]
    database: list[float]
    statements: int

    def row(self) -> tuple[float, float, float, float, int]:
        """p50 and p95 of the server, p50 and p95 of the database, statements."""
        return (
            *(_percentile(self.server, p) for p in (50, 95)),
            *(_percentile(self.database, p) for p in (50, 95)),
            self.statements,
        )


def owner() -> Any:
    """A browser in which an owner has logged in."""
    from django.test import Client

    from orderwerk.accounts.commands.create_user import NewUser, create_users
    from orderwerk.accounts.models import User
    from orderwerk.core.actor import Actor

    new = NewUser(username="bench", name="Bench", role="owner")
    made = create_users([new], actor=Actor.system("bench"))[0].require()
    client = Client(SERVER_NAME="localhost")
    client.force_login(
        User.objects.get(id=made.id), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def addresses(dice: random.Random) -> Addresses:
    """Lists with each tab, searches of each kind and every tab of orders, of what the database holds."""
    from orderwerk.core import sql

    def pick(query: str) -> Callable[[], Any]:
        rows = sql.fetch(f"{query} limit 400")
        return lambda: dice.choice(rows)[0]

    some = "from orders_order tablesample system_rows(400)"
    sql.execute("create extension if not exists tsm_system_rows")
    number, external = pick(f"select number {some}"), pick(f"select external_id {some}")
    email, name = pick(f"select customer_email {some}"), pick(f"select customer_name {some}")
    phone, postal = (
        pick(f"select customer_phone {some} where customer_phone <> ''"),
        pick(f"select postal_code {some}"),
    )
    sku = pick("select sku from orders_line tablesample system_rows(400)")
    code = pick("select tracking_code from shipments_shipment tablesample system_rows(4000) where tracking_code <> ''")  # fmt: skip
    shipment = pick("select number from shipments_shipment tablesample system_rows(400)")
    found: Addresses = {
        "orders, all": lambda: "/orders/",
        **{
            f"orders, {s.replace('_', ' ')}": lambda s=s: f"/orders/?status={s}"
            for s in ("awaiting_payment", "on_hold", "awaiting_stock", "awaiting_shipment", "partially_shipped", "shipped", "cancelled")
        },
        "orders, sorted by amount": lambda: "/orders/?sort=-total",
        "search number": lambda: f"/orders/?q={number()}",
        "search external id": lambda: f"/orders/?q={external()}",
        "search e-mail": lambda: f"/orders/?q={email()}",
        "search phone": lambda: f"/orders/?q={phone()}",
        "search postal code": lambda: f"/orders/?q={postal()}",
        "search name": lambda: f"/orders/?q={name()}",
        "search last name, common": lambda: "/orders/?q=Jansen",
        "search shipment": lambda: f"/orders/?q={shipment()}",
        "search tracking code": lambda: f"/orders/?q={code()}",
        "search sku": lambda: f"/orders/?q={sku()}",
        "search nothing": lambda: f"/orders/?q=zz{dice.randrange(10**9)}",
        **{f"order, {tab}": lambda tab=tab: f"/orders/{number()}/{tab}/" for tab in _TABS},
        **{
            path.replace("-", " "): lambda path=path: f"/{path}/"
            for path in ("allocations", "shipments", "pick-lists", "invoices", "refunds", "return-requests", "returns", "stock", "products")
        },
    }  # fmt: skip
    return found


def deep(client: Any) -> Addresses:
    """A page far down the list of all orders, reached as people reach it."""
    url = "/orders/"
    for _ in range(_DEEP):
        text = client.get(url).content.decode()
        further = re.search(r'href="([^"]+)" rel="next"', text)
        if not further:
            break
        url = further[1].replace("&amp;", "&")
    return {f"orders, page {_DEEP}": lambda: url}


def time_pages(client: Any, pages: Addresses, repeat: int) -> list[PageTime]:
    """Ask for each page so many times; each but the first counts."""
    from orderwerk.core import sql

    found = []
    for name, address in pages.items():
        server, database, statements = [], [], 0
        for _ in range(repeat + 1):
            url = address()
            with sql.count_statements() as count:
                took, response = seconds(partial(client.get, url))
            if response.status_code != 200:
                raise SystemExit(f"{url} answered {response.status_code}")
            server.append(took * 1000)
            database.append(count.seconds * 1000)
            statements = count.total
        found.append(PageTime(name, server[1:], database[1:], statements))
    return found


def print_pages(times: list[PageTime], *, orders: int) -> None:
    """Print one table; the budgets are those of a million orders."""
    print(f"{'page':28s} {'server ms p50':>13s} {'p95':>7s} {'db ms p50':>10s} {'p95':>7s} {'statements':>10s}")  # fmt: skip
    for page in times:
        a, b, c, d, n = page.row()
        kept = f"  {verdict('P7', b)}, {verdict('P6', d)}" if orders >= MILLION else ""
        print(f"{page.name:28s} {a:13.1f} {b:7.1f} {c:10.1f} {d:7.1f} {n:10d}{kept}", flush=True)  # fmt: skip


def _percentile(figures: list[float], percent: int) -> float:
    return statistics.quantiles(figures, n=100, method="inclusive")[percent - 1]

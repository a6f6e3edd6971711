"""The commands that let people and programs in, load files and write files: what they say, and what is there afterwards."""

import csv
import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from orderwerk.cli.exports import export
from orderwerk.cli.imports import import_
from orderwerk.cli.people import token, user
from orderwerk.core import sql
from orderwerk.core.errors import Refusal
from tests import build

pytestmark = pytest.mark.django_db
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as on a command line; the test is connected already, to its own database."""
    for name in ("people", "imports", "exports"):
        monkeypatch.setattr(f"orderwerk.cli.{name}.connected", nullcontext)

    def run(command: click.Command, *words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(command, list(words), input=typed)

    return run


def test_a_person_gets_a_password_once_or_brings_one(run: Run) -> None:
    world = build.world()
    made = run(user, "create", "ann", "--role", "warehouse", "--shop", world.shop, "--location", world.locations[0])  # fmt: skip
    own = run(user, "create", "bob", "--role", "owner", "--password-stdin", typed="correct horse battery\n")  # fmt: skip
    again = run(user, "create", "ann", "--role", "owner")

    assert "Password (shown this once)" in made.output
    assert own.output == "bob may log in as owner.\n"
    assert isinstance(again.exception, Refusal)
    assert sql.fetch("select username, role, all_shops, all_locations from accounts_user where username in ('ann', 'bob') order by 1") == [
        ("ann", "warehouse", False, False), ("bob", "owner", True, True),
    ]  # fmt: skip


def test_a_token_is_printed_once_and_kept_as_a_hash(run: Run) -> None:
    made = run(token, "create", "webshop", "--scope", "orders:write", "--shop", build.world().shop)
    wrong = run(token, "create", "webshop", "--scope", "everything")

    assert made.output.startswith("owt_")
    assert wrong.exit_code == 2
    [(stored,)] = sql.fetch("select to_jsonb(t)::text from accounts_api_token t where name = 'webshop'")  # fmt: skip
    assert made.output.strip() not in stored


def test_files_of_products_stock_and_orders_go_in_and_what_is_refused_is_written_down(
    run: Run, tmp_path: Path
) -> None:
    world = build.world()
    files = {
        "products.csv": f"sku,name\n{world.skus[0]},New name\n,No sku\n",
        "stock.csv": f"sku,location,quantity\n{world.skus[0]},{world.locations[0]},7\n",
        "orders.ndjson": json.dumps(world.json()) + "\n{}\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    products = run(import_, "products", str(tmp_path / "products.csv"))
    stock = run(import_, "stock", str(tmp_path / "stock.csv"))
    orders = run(import_, "orders", str(tmp_path / "orders.ndjson"))
    unnamed = run(import_, "orders", str(tmp_path / "orders.ndjson"), "--format", "online-retail")

    assert [r.exit_code for r in (products, stock, orders, unnamed)] == [1, 0, 1, 2]
    assert "2 lines: 1 accepted, 1 refused." in products.output
    assert "1 new orders, 0 known already." in orders.output
    assert (tmp_path / "products.csv.rejected.csv").exists()
    assert world.levels()[(world.skus[0], world.locations[0])][0] == 7


def test_files_are_written_of_one_shop_or_location_alone(run: Run, tmp_path: Path) -> None:
    world = build.world(invoice_when="placed")
    order = build.returned(world)
    build.invoice(order)
    file = tmp_path / "out.csv"

    def rows(*words: str) -> list[dict[str, str]]:
        done = run(export, *words)
        assert done.exit_code == 0, done.output
        with file.open(encoding="utf-8") as text:
            return list(csv.DictReader(text))

    day = ("--shop", world.shop)
    assert len(rows("orders", str(file), *day, "--status", "shipped", "--placed-after", "2020-01-01")) == 1  # fmt: skip
    assert [row["kind"] for row in rows("invoices", str(file), *day, "--kind", "debit")] == ["debit"]  # fmt: skip
    assert len(rows("returns", str(file), *day)) == 2
    assert len(rows("stock", str(file), "--location", world.locations[0])) == len(world.skus)
    assert run(export, "orders", str(file), "--shop", "nobody").exit_code == 1

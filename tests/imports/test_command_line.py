import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from orderwerk.config.postgres import throw_away
from tests.imports.test_postal_codes import CSV, GEONAMES

pytestmark = pytest.mark.slow
ROWS = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    "1,A,=cmd,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
    "C2,A,Thing,-6,2010-12-01 08:27:00,2.55,17850,United Kingdom\n"
)
SHOP = """
from orderwerk.cli.group import set_up_django
set_up_django()
from orderwerk.core.actor import Actor
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
shop = ShopItem(code="uk", name="UK", currency="GBP", locale="en")
upsert_shops([shop], actor=Actor.system("test"))[0].require()
"""


def test_orders_go_in_and_come_out_again() -> None:
    named = os.environ.get("PG_BIN")
    with (
        throw_away(Path(named) if named else None) as cluster,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        environment = {
            **os.environ,
            "DATABASE_URL": cluster.account.url(),
            "ORDERWERK_DATA_DIR": name,
        }

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=300,
            )  # fmt: skip

        assert run("-m", "orderwerk", "migrate").returncode == 0
        assert run("-c", SHOP).returncode == 0
        (folder / "in.csv").write_text(ROWS)
        command = ("-m", "orderwerk", "import", "orders", str(folder / "in.csv"))

        unnamed = run(*command, "--format", "online-retail")
        first = run(*command, "--format", "online-retail", "--shop", "uk")
        second = run(*command, "--format", "online-retail", "--shop", "uk")
        (folder / "codes.csv").write_text(CSV)
        (folder / "NL.txt").write_text(GEONAMES)
        codes = ("-m", "orderwerk", "import", "postal-codes")
        plain = run(*codes, str(folder / "codes.csv"))
        given = run(*codes, str(folder / "NL.txt"), "--format", "geonames")
        out = run("-m", "orderwerk", "export", "orders", str(folder / "out.csv"))

        assert unnamed.returncode == 2
        assert (first.returncode, second.returncode, out.returncode) == (1, 1, 0)
        assert "2 lines: 1 accepted, 1 refused." in first.stdout
        assert "1 new orders, 0 known already." in first.stdout
        assert "0 new orders, 1 known already." in second.stdout
        assert "4 lines: 2 accepted, 2 refused." in plain.stdout
        assert "4 lines: 1 accepted, 3 refused." in given.stdout
        assert "1 new postal codes, 0 known already." in given.stdout
        assert (folder / "in.csv.rejected.csv").read_text().splitlines()[1].startswith("3,C2,")
        assert ",A,'=cmd,6," in (folder / "out.csv").read_text()

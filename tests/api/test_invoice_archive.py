"""Invoices in one archive: all that can be had, with a list of what is not in it and why."""

import io
import zipfile
from uuid import uuid4

import pytest

from orderwerk.core import sql
from tests import build
from tests.api.conftest import caller
from tests.invoices.test_norm import planted

pytestmark = pytest.mark.django_db


def _invoiced(world: build.World) -> tuple[str, str]:
    order = world.place()
    build.invoice(order)
    [made] = build.invoices(order)
    return str(made["id"]), made["number"]


def test_what_cannot_be_had_is_named_beside_the_others() -> None:
    broken = planted("{net}", "1.00")
    [(wrong,)] = sql.fetch("select number from invoices_invoice where id = %s", (broken,))
    key, number = _invoiced(build.world(invoice_when="placed"))
    api = caller("billing:read")

    mixed = api.get("/invoices.zip", {"invoice_ids": f"{key}, {broken}"})
    whole = api.get("/invoices.zip", {"invoice_ids": key})
    none = api.get("/invoices.zip", {"invoice_ids": str(broken)})

    assert [a["Missing-Documents"] for a in (mixed, whole, none)] == ["1", "0", "1"]
    assert {a["Content-Type"] for a in (mixed, whole, none)} == {"application/zip"}
    files = [zipfile.ZipFile(io.BytesIO(a.content)) for a in (mixed, whole, none)]
    assert [f.namelist() for f in files] == [[f"{number}.pdf", "missing.csv"], [f"{number}.pdf"], ["missing.csv"]]  # fmt: skip
    assert files[0].read(f"{number}.pdf") == api.get(f"/invoices/{key}.pdf").content
    row = files[0].read("missing.csv").decode().splitlines()[1]
    assert row.startswith(f"{wrong},norm_broken,")
    assert "BR-CO-10" in row


def test_a_wrong_wish_for_an_archive_is_refused() -> None:
    world, other = build.world(invoice_when="placed"), build.world()
    key, _ = _invoiced(world)
    api = caller("billing:read")
    many = ",".join(str(uuid4()) for _ in range(201))

    answers = [
        api.get("/invoices.zip", {"invoice_ids": wish}) for wish in ("", "x", f"{key},{uuid4()}", many)
    ]  # fmt: skip
    assert [a.status_code for a in answers] == [404, 404, 404, 409]
    assert answers[3].json()["errors"][0]["code"] == "too_many_documents"
    assert api.get("/invoices.zip", {"ids": key}).status_code == 422
    stranger = caller("billing:read", shops=(other.shop,))
    assert stranger.get("/invoices.zip", {"invoice_ids": key}).status_code == 404

import io
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.core import sql
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.invoices.bundle import invoice_bundle
from orderwerk.invoices.documents import invoice_document
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.invoices.test_norm import planted

pytestmark = pytest.mark.django_db


def test_paper_is_served_as_pdf_to_whoever_may_see_it(enter: Callable[..., Client]) -> None:
    world, other = build.world(), build.world()
    shipment_id = build.shipments(world.place())[0]
    number = shipment_detail(build.TESTER, shipment_id).shipment.number
    item = CreatePickListItem(location=world.locations[0])
    made = create_pick_lists([item], actor=build.TESTER)[0].require().data["pick_lists"][0]
    person, stranger = enter("warehouse"), enter("warehouse", shops=[other.shop])
    pages = (f"/shipments/{number}/packing-slip.pdf", f"/pick-lists/{made['number']}.pdf")

    for page in pages:
        answer = person.get(page)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF")
        assert "no-store" in answer["Cache-Control"]
        assert stranger.get(page).status_code == 404
    for page, key in (
        ("/shipments/packing-slips.pdf", shipment_id),
        ("/pick-lists/print.pdf", made["id"]),
    ):
        assert person.post(page, {"id": [str(key)]}).content.startswith(b"%PDF")
        assert stranger.post(page, {"id": [str(key)]}).status_code == 404
        assert person.post(page, {"id": ["x"]}).status_code == 404
        assert person.post(page).status_code == 302
        assert person.get(page).status_code in {404, 405}


def test_a_cancelled_shipment_says_why_it_has_no_slip(enter: Callable[..., Client]) -> None:
    world = build.world()
    shipment_id = build.shipments(world.place())[0]
    number = shipment_detail(build.TESTER, shipment_id).shipment.number
    cancel_shipments([CancelShipmentItem(shipment_id=shipment_id)], actor=build.TESTER)[0].require()

    answer = enter("owner").get(f"/shipments/{number}/packing-slip.pdf")

    assert answer.status_code == 409
    assert "cancelled" in answer.content.decode()


def test_chosen_invoices_come_in_one_file_as_they_are_stored(enter: Callable[..., Client]) -> None:
    world, other = build.world(invoice_when="placed"), build.world()
    orders = [world.place() for _ in range(3)]
    for order in orders:
        build.invoice(order)
    invoices = [build.invoices(order)[0] for order in orders]
    keys = [str(invoice["id"]) for invoice in invoices]
    first = invoice_document(invoices[0]["id"], "pdf", actor=build.TESTER)
    finance, stranger = enter("finance"), enter("finance", shops=[other.shop])

    answer = finance.post("/invoices/chosen.zip", {"id": keys})
    archive = zipfile.ZipFile(io.BytesIO(answer.content))

    assert answer["Content-Type"] == "application/zip"
    assert archive.namelist() == [f"{invoice['number']}.pdf" for invoice in invoices]
    assert archive.read(first.name) == first.content
    assert stranger.post("/invoices/chosen.zip", {"id": keys}).status_code == 404
    assert finance.post("/invoices/chosen.zip").status_code == 302


@pytest.mark.parametrize(
    ("language", "why"), [("en", "the lines add up"), ("nl", "de regels tellen op")]
)
def test_what_cannot_be_had_is_named_and_keeps_no_other_from_being_downloaded(
    enter: Callable[..., Client], language: str, why: str
) -> None:
    broken = planted("{net}", "1.00")
    [(wrong,)] = sql.fetch("select number from invoices_invoice where id = %s", (broken,))
    order = build.world(invoice_when="placed").place()
    build.invoice(order)
    [good] = build.invoices(order)
    chosen = {"id": [str(broken), str(good["id"])]}
    finance = enter("finance", language=language)

    page = finance.post("/invoices/chosen.zip", chosen)
    archive = zipfile.ZipFile(
        io.BytesIO(finance.post("/invoices/chosen.zip", {**chosen, "rest": "1"}).content)
    )
    nothing = finance.post("/invoices/chosen.zip", {"id": [str(broken)]}).content.decode()

    assert page["Content-Type"].startswith("text/html")
    text = page.content.decode()
    assert wrong in text
    assert good["number"] not in text
    assert why in text
    assert 'name="rest"' in text
    assert archive.namelist() == [f"{good['number']}.pdf", "missing.csv"]
    heading, row = archive.read("missing.csv").decode().splitlines()
    assert heading == "number,code,reason"
    assert row.startswith(f"{wrong},norm_broken,")
    assert why in row
    assert why in nothing
    assert 'name="rest"' not in nothing


def test_documents_cost_the_same_statements_for_one_and_for_seven() -> None:
    world = build.world(invoice_when="placed")
    costs = []
    for n in (1, 7):
        orders = [world.place() for _ in range(n)]
        for order in orders:
            build.invoice(order)
        keys = [build.invoices(order)[0]["id"] for order in orders]
        for _ in ("made", "stored"):
            with sql.count_statements() as count:
                invoice_bundle(keys, actor=build.TESTER)
            costs.append(count.total)

    assert costs[:2] == costs[2:]

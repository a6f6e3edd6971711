"""What a customer's credit invoice says, and what replaces claimed goods: words of theirs, and the ground that was sold with."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.invoices.words import WORDS
from orderwerk.return_requests.reasons import start_list
from orderwerk.returns.claim_statuses import ClaimKind
from tests import build
from tests.invoices.test_documents import SELLER
from tests.invoices.test_one_stop import files

pytestmark = pytest.mark.django_db


def credit_of(order: UUID) -> tuple[str, str, str]:
    """The reason of an order's credit invoice, as it is kept, on paper and in the UBL."""
    [credit] = [x for x in build.invoices(order) if x["kind"] == "credit"]
    [(reason,)] = sql.fetch("select reason from invoices_invoice where id = %s", (credit["id"],))
    text, _, ubl = files(credit["id"])
    return reason, text, ubl.decode()


def sold(world: build.World, **fields: Any) -> UUID:
    order = build.shipped(world, (world.skus[0], 3), **fields)
    build.invoice(order)
    return order


def decided(claim: UUID | None, outcome: Any) -> dict[str, Any]:
    assert claim is not None
    item = DecideClaimItem(claim_id=claim, outcome=outcome)
    return decide_claims([item], actor=build.TESTER)[0].require().data


def test_the_reasons_of_a_return_stand_on_the_credit_by_name() -> None:
    world = build.world(legal=SELLER)
    start_list()
    sql.execute("update return_requests_reason set names = names || '{\"nl\": \"Valt klein\"}' where code = 'too-small'")  # fmt: skip
    dutch, danish = sold(world, locale="nl"), sold(world, locale="da")

    build.give_back(dutch, build.back(dutch, 1, reason="too-small")).require()
    build.give_back(danish, build.back(danish, 1, reason="changed-mind")).require()

    reason, text, ubl = credit_of(dutch)
    assert reason == "Valt klein"
    assert "Valt klein" in text
    assert "<cbc:Note>Valt klein</cbc:Note>" in ubl
    assert credit_of(danish)[0] == "Changed my mind"


@pytest.mark.parametrize(
    ("kind", "locale", "words"),
    [
        ("damaged", "nl", "Beschadigd"), ("lost", "de", "Auf dem Weg verloren gegangen"),
        ("missing", "fr", "Manquait dans le colis"),
    ],
)  # fmt: skip
def test_the_kind_of_a_claim_is_said_in_words(kind: str, locale: str, words: str) -> None:
    world = build.world(legal=SELLER)
    order = sold(world, locale=locale)
    decided(build.claim(order, 1, kind=kind).require().id, "refunded")

    assert credit_of(order)[0] == words


def test_every_kind_of_claim_has_words() -> None:
    assert all(f"claim_{kind}" in words for kind in ClaimKind.values for words in WORDS.values())


def test_what_replaces_claimed_goods_is_exempt_as_they_were() -> None:
    world = build.world(legal=SELLER)
    line = {"name": "Used", "quantity": 3, "unit_price": "10.00", "tax_rate": "0"}
    said = sold(world, lines=[{**line, "sku": world.skus[0], "vat_exemption_code": "VATEX-EU-F"}])
    silent = sold(world, lines=[{**line, "sku": world.skus[0]}])
    upsert_products([ProductItem(sku=world.skus[0], name="Used", vat_exemption="As of today")], actor=build.TESTER)  # fmt: skip

    new = [decided(build.claim(x, 1).require().id, "replaced")["order_id"] for x in (said, silent)]

    grounds = [sql.fetch("select vat_exemption, vat_exemption_code from orders_line where order_id = %s", (key,)) for key in new]  # fmt: skip
    assert grounds == [[("", "VATEX-EU-F")], [("", "")]]

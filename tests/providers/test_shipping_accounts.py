"""Accounts at carriers that make labels of parcels: stored encrypted, and what becomes of labels when one is off or its key is lost."""

from typing import Any

import pytest

from orderwerk.core import crypto, sql
from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput, NotAllowed
from orderwerk.core.outcome import Outcome
from orderwerk.shipments.commands.set_carrier_accounts import (
    CarrierAccountItem,
    set_carrier_accounts,
)
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from tests import build
from tests.doubles.parcels import CONTRACT, Warehouse, ask, label, make
from tests.doubles.postnl import KEY
from tests.providers.test_return_labels import code
from tests.providers.test_shipping_labels import house

__all__ = ["house"]


def test_an_account_is_stored_encrypted_and_changes_by_what_is_given(house: Warehouse) -> None:
    [(secret,)] = sql.fetch("select secret from shipments_carrier_account")
    assert secret.startswith("enc1:")
    assert KEY not in secret
    told = "select count(*) from core_event where kind = 'carrier_account.saved'"
    [(count,)] = sql.fetch(told)
    plain = {"carrier": house.carrier, **{k: v for k, v in CONTRACT.items() if k != "key"}}

    def change(**fields: Any) -> Outcome:
        return set_carrier_accounts([convert({**plain, **fields}, CarrierAccountItem)], actor=build.TESTER)[0]  # fmt: skip

    assert change().ok
    assert sql.fetch(told) == [(count,)]
    assert change(key=KEY).ok
    assert sql.fetch(told) == [(count + 1,)]
    other = Warehouse(house.double)
    sql.execute("update shipments_carrier set services = '[{\"code\": \"sign\", \"name\": \"S\"}]' where code = %s", (other.carrier,))  # fmt: skip
    products = [{"service": "sign", "product": "3189"}, {"product": "3085"}]
    assert change(carrier=other.carrier, products=products).ok
    assert code(change(carrier=other.carrier, products=[{"service": "x", "product": "3085"}])) == "unknown_service"  # fmt: skip
    assert code(change(products=[products[1]] * 2)) == "duplicate_service"
    assert code(change(carrier="nowhere")) == "unknown_carrier"
    upsert_carriers([CarrierItem(code="fresh", name="x")], actor=build.TESTER)[0].require()
    assert code(change(carrier="fresh")) == "key_required"
    for wrong in ({"customer_code": "x"}, {"collection_location": "1"}, {"products": []}):
        with pytest.raises(BadInput):
            change(**wrong)
    with pytest.raises(NotAllowed):
        set_carrier_accounts([], actor=build.limited(house.world.shop_id))


def test_a_carrier_that_is_off_or_whose_key_is_lost_fails_in_sight(house: Warehouse) -> None:
    other = Warehouse(house.double)
    off, lost = house.announced(), other.announced()
    ask(off, lost)
    house.connect(is_active=False)
    sql.execute("update shipments_carrier_account set secret = %s where carrier = %s", (crypto.encrypt(KEY, "another secret key"), other.carrier))  # fmt: skip
    make()
    assert label(off)["note"] == "The carrier is not in use any more."
    assert "enter it again" in label(lost)["note"]
    house.connect()
    other.connect()
    ask(off, lost)
    make()
    assert [label(x)["status"] for x in (off, lost)] == ["made", "made"]

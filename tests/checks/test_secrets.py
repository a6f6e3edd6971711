"""Every secret that is told to the installation is looked for in every table: it stands in none as it was told."""

import pytest

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.return_requests.commands.set_carriers import ReturnCarrierItem, set_return_carriers
from orderwerk.shipments.commands.set_carrier_accounts import (
    CarrierAccountItem,
    set_carrier_accounts,
)
from tests import build

pytestmark = pytest.mark.django_db
MARK = "0123456789abcdefCANARY"


def standing(secret: str) -> list[str]:
    """The tables of which a row holds a text, as text or as bytes."""
    tables = sql.fetch("select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1")  # fmt: skip
    return [
        table
        for (table,) in tables
        if sql.fetch(f"select exists (select 1 from {table} t where strpos(t::text, %s) > 0 or strpos(t::text, %s) > 0)", (secret, secret.encode().hex())) == [(True,)]
    ]  # fmt: skip


def test_no_table_holds_a_secret_as_it_was_told() -> None:
    world = build.world(locations=1, stock=0)
    carrier = build.parcel_carrier(world, account=False)
    contract = {"key": f"parcel-{MARK}", "mode": "test", "customer_code": "DEVC", "customer_number": "1"}  # fmt: skip
    letters = {"company": "Shop", "reply_number": "1", "postal_code": "1000 VV", "city": "Amsterdam"}  # fmt: skip
    parcels = {"carrier": carrier, "collection_location": "123456", "products": [{"product": "3085"}]}  # fmt: skip
    accounts = [
        convert({"shop": world.shop, "provider": "mollie", "key": f"test_{MARK}"}, AccountItem),
        convert({"shop": world.shop, "provider": "stripe", "key": f"sk_test_{MARK}", "signing_secret": f"whsec_{MARK}"}, AccountItem),
    ]  # fmt: skip
    person = NewUser(username="canary", name="C", role="owner", password=f"correct horse {MARK}")
    program = NewToken(name="canary", scopes=("orders:read",))
    for outcome in (
        *set_payment_accounts(accounts, actor=build.TESTER),
        *set_carrier_accounts([convert(contract | parcels, CarrierAccountItem)], actor=build.TESTER),
        *set_return_carriers([convert(contract | letters | {"shop": world.shop, "key": f"return-{MARK}"}, ReturnCarrierItem)], actor=build.TESTER),
        *create_users([person], actor=build.TESTER),
    ):  # fmt: skip
        outcome.require()
    token = create_tokens([program], actor=build.TESTER)[0].require().data["token"]

    # Each of them is there in some form.
    assert sql.fetch("select (select count(*) from payments_account), (select count(*) from shipments_carrier_account), (select count(*) from return_requests_carrier)") == [(2, 1, 1)]  # fmt: skip
    assert (standing(MARK), standing(token)) == ([], [])
    # Whoever looks finds what stands there, as text and as bytes.
    sql.execute("update shops_shop set name = %s where id = %s", (MARK, world.shop_id))
    assert standing(MARK) == ["shops_shop"]

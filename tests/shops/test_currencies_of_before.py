"""An installation that has orders in whole dinars is not read as one of hundredths: the upgrade stops."""

import re
from importlib import import_module

import pytest
from babel.core import get_global
from babel.numbers import get_currency_precision
from django.db import DatabaseError
from django.db.transaction import atomic

from orderwerk.core import sql
from orderwerk.core.money import exponent
from tests import build

_GUARD = import_module("orderwerk.orders.migrations.0033_currencies_in_whole_units").FORWARD


def test_they_are_those_whose_decimals_are_not_the_ones_of_before() -> None:
    changed = {c for c in get_global("all_currencies") if exponent(c) != get_currency_precision(c)}

    assert set(re.findall(r"'([A-Z]{3})'", _GUARD)) == changed


@pytest.mark.django_db
@pytest.mark.parametrize("currency", ["RSD", "IQD", "MGA"])
def test_an_order_in_whole_units_stops_the_upgrade(currency: str) -> None:
    order = build.world(currency=currency).place(currency=currency)
    [(number,)] = sql.fetch("select number from orders_order where id = %s", (order,))

    with pytest.raises(DatabaseError, match=f"order {number} in {currency} is stored"), atomic():
        sql.execute(_GUARD)


@pytest.mark.django_db
def test_all_others_pass() -> None:
    for currency in ("EUR", "USD", "KWD"):
        build.world(currency=currency).place(currency=currency)

    sql.execute(_GUARD)

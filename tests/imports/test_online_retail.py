from collections import Counter
from collections.abc import Iterable

import pytest

from orderwerk.core.errors import Malformed
from orderwerk.integrations.incoming import Incoming
from orderwerk.integrations.online_retail import read_online_retail
from orderwerk.orders.document import OrderDocument

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def read(*rows: str, header: str = HEADER) -> list[Incoming[OrderDocument]]:
    return list(read_online_retail([header, *(row + "\n" for row in rows)], "uk"))


def codes(parts: Iterable[Incoming[OrderDocument]]) -> dict[int, str]:
    return {line.line: line.code for part in parts for line in part.rejected}


def row(**fields: str) -> str:
    values = {
        "InvoiceNo": "536365", "StockCode": "85123A", "Description": "HOLDER", "Quantity": "6",
        "InvoiceDate": "2010-12-01 08:26:00", "UnitPrice": "2.55", "CustomerID": "17850", "Country": "United Kingdom",
        **fields,
    }  # fmt: skip
    return ",".join(values.values())


def test_an_invoice_becomes_one_order_with_duplicates_kept_and_invented_facts_marked() -> None:
    [part] = read(row(), row(), row(StockCode="POST", Quantity="1", UnitPrice="18.00"))

    document = part.item
    assert document is not None
    assert part.lines == [2, 3, 4]
    assert part.rejected == []
    assert document.external_id == "536365"
    assert document.placed_at.isoformat() == "2010-12-01T08:26:00+00:00"
    assert [(line.sku, line.quantity, line.unit_price) for line in document.lines] == [
        ("85123A", 6, "2.55"),
        ("85123A", 6, "2.55"),
    ]
    assert (document.shipping.price, document.lines[0].tax_rate) == ("18.00", "17.50")
    assert document.customer.email == "customer-17850@example.com"
    assert document.billing_address.street == "Unknown"
    # 30.60 + 18.00 and 17.5 % VAT on it
    assert [(p.provider, p.amount) for p in document.payments] == [("invented", "57.11")]


def test_the_clock_of_the_file_is_local_and_vat_is_that_of_the_day() -> None:
    [part] = read(row(InvoiceDate="2011-07-01 12:00:00"))
    [abroad] = read(row(Country="EIRE"))

    assert part.item is not None
    assert abroad.item is not None
    assert part.item.placed_at.isoformat() == "2011-07-01T11:00:00+00:00"
    assert part.item.lines[0].tax_rate == "20.00"
    assert (abroad.item.billing_address.country, abroad.item.lines[0].tax_rate) == ("IE", "0.00")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"InvoiceNo": "C536365", "Quantity": "-1"}, "cancellation"),
        ({"InvoiceNo": "A563186", "UnitPrice": "-11062.06"}, "bad_debt"),
        ({"InvoiceNo": ""}, "invalid_value"),
        ({"Quantity": "-10", "UnitPrice": "0", "CustomerID": ""}, "quantity_not_positive"),
        ({"Quantity": "0"}, "quantity_not_positive"),
        ({"Quantity": "x"}, "invalid_value"),
        ({"Quantity": "9" * 5000}, "invalid_value"),
        ({"UnitPrice": "0", "CustomerID": ""}, "no_price_and_no_customer"),
        ({"UnitPrice": "-1"}, "negative_price"),
        ({"UnitPrice": "0.001"}, "too_many_decimals"),
        ({"UnitPrice": "NaN"}, "invalid_value"),
        ({"UnitPrice": "1e999999"}, "invalid_value"),
        ({"InvoiceDate": "01/12/2010"}, "invalid_value"),
        ({"StockCode": "M"}, "service_code"),
        ({"StockCode": "m"}, "service_code"),
        ({"StockCode": "gift_0001_20"}, "service_code"),
        ({"StockCode": "DOT"}, "only_shipping"),
        ({"Country": "Atlantis"}, "invalid_value"),
        ({"StockCode": "x" * 101}, "invalid_value"),
        ({"Description": "a\x00b"}, "forbidden_characters"),
        ({"Country": "Unspecified,1"}, "wrong_columns"),
    ],
)
def test_dirt_is_refused_with_a_reason_and_the_rest_goes_in(
    fields: dict[str, str], code: str
) -> None:
    parts = read(row(InvoiceNo="1"), row(**fields), row(InvoiceNo="2"))

    assert codes(parts) == {3: code}
    assert [part.item.external_id for part in parts if part.item] == ["1", "2"]


def test_a_gift_to_a_known_customer_goes_in() -> None:
    [part] = read(row(UnitPrice="0"))

    assert part.item is not None
    assert (part.item.lines[0].unit_price, part.item.payments) == ("0.00", [])


def test_an_invoice_that_comes_in_two_pieces_is_one_order() -> None:
    [first, second] = read(row(), row(InvoiceNo="7"), row(InvoiceDate="2010-12-01 08:27:00"))

    assert [part.reference for part in (second, first)] == ["536365", "7"]
    assert second.item is not None
    assert len(second.item.lines) == 2
    assert second.item.placed_at.minute == 26


def test_an_invoice_of_too_many_lines_is_refused_whole() -> None:
    parts = read(*[row() for _ in range(2001)])

    assert parts[0].item is None
    assert Counter(codes(parts).values()) == {"too_many_lines": 2001}


def test_a_file_of_other_columns_is_refused() -> None:
    with pytest.raises(Malformed, match="CustomerID"):
        read(header="InvoiceNo,StockCode\n")

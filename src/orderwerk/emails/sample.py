"""What a text may name, with made-up values: texts are tried on it before they are taken, and the reference shows it."""

from typing import Any

SAMPLE: dict[str, Any] = {
    "shop": {"name": "Example shop", "email": "service@example.com"},
    "customer": {"name": "Example Customer", "email": "customer@example.com", "company": ""},
    "order": {
        "number": "1001",
        "external_id": "WEB-1001",
        "placed_on": "20 November 2026",
        "total": "€ 42.85",
        "shipping": "€ 4.95",
        "paid": "€ 42.85",
        "is_paid": True,
        "comment": "Please ring twice",
        "address": "Example Customer\nExample Street 12\n1234 AB Example Town",
        "collect_at": "",
        "lines": [
            {"quantity": 2, "name": "T-shirt blue M", "sku": "TSHIRT-M-BLUE", "total": "€ 37.90"}
        ],
        "track_url": "https://example.com/track/abc",
        "left": [
            {"quantity": 1, "name": "T-shirt blue M", "sku": "TSHIRT-M-BLUE", "total": "€ 37.90"}
        ],
        "waiting": [
            {
                "quantity": 1,
                "name": "T-shirt blue M",
                "sku": "TSHIRT-M-BLUE",
                "total": "€ 18.95",
                "promised_on": "12 December 2026",
            }
        ],
    },
    "shipment": {
        "number": "S1001",
        "carrier": "postnl",
        "carrier_name": "PostNL",
        "tracking_code": "3SABC123",
        "tracking_url": "https://example.com/track/3SABC123",
        "place": "Example Town store",
        "place_address": "Example Street 1\n1234 AB Example Town",
        "collect_by": "4 December 2026",
        "lines": [{"quantity": 2, "name": "T-shirt blue M", "sku": "TSHIRT-M-BLUE"}],
    },
    "return_request": {
        "number": "RQ1001",
        "reason": "The article has been used",
        "asks_to_keep": False,
        "instructions": "Send the parcel to Example Street 1, 1234 AB Example Town.",
        "is_brought": False,
        "fee": "€ 2.50",
        "lines": [
            {"quantity": 1, "name": "T-shirt blue M", "sku": "TSHIRT-M-BLUE", "reason": "Too small"}
        ],
    },
    "return_label": {"carrier": "PostNL", "barcode": "3SDEVC123456789", "is_paperless": False},
    "repair": {
        "number": "CL1001",
        "is_repaired": True,
        "note": "The zip has been replaced",
        "carrier": "PostNL",
        "tracking_code": "3SABC123",
        "lines": [{"quantity": 1, "name": "T-shirt blue M", "sku": "TSHIRT-M-BLUE"}],
    },
    "returned": {
        "number": "RT1001",
        "credited": "€ 18.95",
        "lines": [
            {"quantity": 1, "name": "T-shirt blue M", "sku": "TSHIRT-M-BLUE", "reason": "Too small"}
        ],
    },
    "withdrawal": {
        "number": "WD1001",
        "name": "Example Customer",
        "email": "customer@example.com",
        "received_at": "20 November 2026, 10:15:00 Central European Standard Time",
        "return_number": "RQ1001",
        "lines": [{"quantity": 1, "name": "T-shirt blue M", "sku": "TSHIRT-M-BLUE"}],
    },
    "substitution": {
        "quantity": 1,
        "instead_of": "T-shirt blue M",
        "instead_of_sku": "TSHIRT-M-BLUE",
        "name": "T-shirt navy M",
        "sku": "TSHIRT-M-NAVY",
        "total": "€ 18.95",
        "until": "23 November 2026, 10:15",
        "url": "https://example.com/track/abc/substitutes/def",
    },
    "refund": {"number": "R1001", "amount": "€ 18.95", "by_bank": False},
    "store_credit": {
        "number": "SC1001",
        "code": "7K3P-9QWX-2M4D-8TZA",
        "remaining": "€ 18.95",
        "until": "23 November 2027",
    },
    "ended_credit": {"number": "SC1001", "amount": "€ 18.95"},
    "cancellation": {"is_whole": False, "reason": "Sold out"},
}
ALWAYS = ("shop", "customer", "order")


def sample_for(speaks_of: tuple[str, ...]) -> dict[str, Any]:
    """Return the sample data of a trigger that speaks of these things besides shop, customer and order."""
    return {name: SAMPLE[name] for name in (*ALWAYS, *speaks_of)}

"""The console's table of addresses, filled with what a test has built: a new page cannot be forgotten."""

import re
from typing import Any

from django.urls import reverse

from orderwerk.console.urls import urlpatterns
from tests.console.everything import Everything

# These belong to whoever is logged in, or to somebody who is not yet; their own tests go through them.
PERSONAL = ("account/",)
_VALUE = re.compile(r"<(?:\w+:)?(\w+)>")
# What a name needs that its section does not say.
_SPECIAL: dict[str, dict[str, Any]] = {
    "carrier_ready": {"like": "postnl"},
    "claim_decide": {"verb": "rejected"},
    "order_bulk": {"verb": "hold"},
    "pick_list_step": {"verb": "urgent"},
    "shipment_bulk": {"verb": "ship"},
    "refund_bulk": {"verb": "approve"},
    "refund_decide": {"verb": "approve"},
    "return_request_bulk": {"verb": "approve"},
    "routing_apply": {"verb": "apply"},
    "stock_change": {"verb": "count"},
    "substitute_decide": {"verb": "accept"},
    "lot_change": {"verb": "block"},
}
_OTHER_SECTION = {
    "return_label": "return-requests-labelled", "shipment_label_pdf": "shipments-labelled", "shipment_labels": "shipments-labelled",
    "shipment_label_order": "shipments-labelled", "shipment_label_void": "shipments-labelled",
    "shipment_part": "shipments-open", "shipment_split": "shipments-open", "shipment_merge": "shipments-parts",
    "shipment_pack": "shipments-open", "shipment_serials": "shipments-serials",
    "shipment_move": "shipments-open", "shipment_collect": "shipments-collect", "shipment_contents": "shipments-open", "shipment_cancel": "shipments-open",
    "shipment_reject": "shipments-open", "refund_account": "refunds-out", "refund_paid": "refunds-out",
    "pack_list": "pick-lists", "refund_failed": "refunds-out", "return_slip": "return-requests-approved",
}  # fmt: skip
_QUERIES = {"pick_list_preview": "location={place}&kind=totes&limit=500"}
_CODES = {
    "location": "location",
    "bin_set": "location",
    "bins": "location",
    "reason_edit": "reason",
    "carrier_edit": "carrier",
    "carrier_account": "carrier",
    "carrier_account_test": "carrier",
}


def addresses(every: Everything) -> dict[str, str]:
    """Return every address of the console by its name."""
    found = {}
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        if not route.lstrip("^").startswith(PERSONAL):
            found[pattern.name] = _fill(pattern.name, route, every)
    return found


def _fill(name: str, route: str, every: Everything) -> str:
    section = route.lstrip("^").split("/")[0]
    values = {
        **every.values.get(section, {}),
        **every.values.get(_OTHER_SECTION.get(name, ""), {}),
        **_SPECIAL.get(name, {}),
    }
    if name in _CODES:
        values["code"] = values[_CODES[name]]
    address = reverse(name, kwargs={key: values[key] for key in _VALUE.findall(route)})
    asked = _QUERIES.get(name, "").format(place=every.world.locations[0])
    return f"{address}?{asked}" if asked else address

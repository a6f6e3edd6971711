"""A double of PostNL, after its OpenAPI documents (Barcode 1.1, Shipment 2.2): barcodes, labels of parcels, and return labels."""

import base64
import itertools
import json
from collections.abc import Callable
from typing import Any

from tests.doubles.wire import Double, Reply, Request

KEY = "sandbox-key-0123456789abcdef"
PDF = b"%PDF-1.3 a return label for "
# What parcels within the Netherlands may be.
PRODUCTS = {"2928", "3085", "3087", "3189"}


class PostNLDouble(Double):
    """PostNL as far as we talk to it, with the parcels that it would charge for."""

    # No two doubles of one run give the same barcode: the carrier is one.
    _numbers = itertools.count(1)

    def __init__(self) -> None:
        super().__init__()
        self.key = KEY
        self.reserved: set[str] = set()
        # What was made, by barcode, as it was asked for first.
        self.parcels: dict[str, dict[str, Any]] = {}
        # As its recorded answers have it: one shipment and one label as objects, not as lists of one.
        self.bare = False
        # What every label is refused with: (status, body).
        self.refuses: Reply | None = None
        # What a label of a parcel that goes out looks like, by its barcode.
        self.paper: Callable[[str], bytes] = lambda barcode: PDF + barcode.encode()
        # What is answered in place of a barcode.
        self.instead: Any = None

    @property
    def charged(self) -> list[str]:
        """The barcodes of the labels that exist."""
        with self.lock:
            return sorted(self.parcels)

    # What is asked over HTTP.

    def operation(self, request: Request) -> str:
        return "barcode" if request.path.endswith("/barcode") else "label"

    def answer(self, request: Request) -> Reply:
        if request.headers.get("apikey") != self.key:
            return Reply(401, {"fault": {"faultstring": "Invalid ApiKey", "detail": {"errorcode": "oauth.v2.InvalidApiKey"}}})  # fmt: skip
        run = {
            ("GET", "/shipment/v1_1/barcode"): self._barcode,
            ("POST", "/shipment/v2_2/label"): self._make,
        }.get((request.method, request.path))
        return run(request) if run else Reply(405, {"message": "Not allowed", "http_status_code": 405})  # fmt: skip

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return []

    def _barcode(self, request: Request) -> Reply:
        if request.value("Type") != "3S" or not request.value("CustomerNumber"):
            return self._invalid("18", "Type or CustomerNumber is wrong")
        if self.instead is not None:
            return Reply(200, self.instead)
        made = f"3S{request.value('CustomerCode')}{next(self._numbers):09d}"
        self.reserved.add(made)
        return Reply(200, {"Barcode": made})

    def _make(self, request: Request) -> Reply:
        if self.refuses is not None:
            return self.refuses
        body = json.loads(request.body)
        [shipment] = body["Shipments"]
        barcode, product = shipment["Barcode"], shipment["ProductCodeDelivery"]
        find = self._wrong_parcel if product in PRODUCTS else self._wrong
        wrong = find(body, shipment)
        if wrong:
            return self._invalid(*wrong)
        # The same barcode again is the same parcel.
        self.parcels.setdefault(barcode, body)
        label = {
            "Content": base64.b64encode(self.paper(barcode)).decode(),
            "Labeltype": "Return Label" if product == "2285" else "Label", "OutputType": "PDF",
        }  # fmt: skip
        answer = {
            "ProductCodeDelivery": product, "Barcode": barcode, "Errors": [], "Warnings": [],
            "Labels": label if self.bare else [label],
        }  # fmt: skip
        return Reply(200, {"MergedLabels": [], "ResponseShipments": answer if self.bare else [answer]})  # fmt: skip

    def _wrong(self, body: dict[str, Any], shipment: dict[str, Any]) -> tuple[str, str] | None:
        [receiver] = shipment["Addresses"]
        sender = body["Customer"]["Address"]
        if shipment["Barcode"] not in self.reserved:
            return "14", "Barcode is not a valid 3S barcode"
        if shipment["ProductCodeDelivery"] != "2285" or shipment["ProductOptions"] not in (
            [{"Characteristic": "152", "Option": "025"}],
            [{"Characteristic": "152", "Option": "027"}],
        ):
            return "21", "Product and options do not go together"
        if receiver["AddressType"] != "01" or receiver["Street"] != "Antwoordnummer":
            return "49", "AddressType 01 must be an Antwoordnummer"
        if sender["AddressType"] != "02" or not sender.get("HouseNr") or not sender.get("Zipcode"):
            return "1280202", "Incorrect address specified in address type 02"
        if shipment["Dimension"]["Weight"] < 1:
            return "30", "Weight is required"
        return None

    def _wrong_parcel(self, body: dict[str, Any], shipment: dict[str, Any]) -> tuple[str, str] | None:  # fmt: skip
        [receiver] = shipment["Addresses"]
        sender = body["Customer"]["Address"]
        if shipment["Barcode"] not in self.reserved:
            return "14", "Barcode is not a valid 3S barcode"
        if not body["Customer"].get("CollectionLocation"):
            return "8", "CollectionLocation is required"
        if sender["AddressType"] != "02" or not sender.get("Zipcode"):
            return "1280202", "Incorrect address specified in address type 02"
        if (
            receiver["AddressType"] != "01"
            or receiver["Countrycode"] != "NL"
            or not receiver.get("HouseNr")
        ):
            return "1280201", "Incorrect address specified in address type 01"
        if shipment["Dimension"]["Weight"] < 1:
            return "30", "Weight is required"
        return None

    def _invalid(self, code: str, words: str) -> Reply:
        return Reply(400, {"Errors": [{"Error": "Validation failed", "Code": code, "Description": words}]})  # fmt: skip

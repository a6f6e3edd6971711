"""Reads the terms of EN 16931 (BT-1 …) out of an electronic invoice, whether it is UBL 2.1 or Cross Industry Invoice."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

_NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
Paths = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a document, of its lines (BG-25) and of its VAT breakdown (BG-23), as they are written; "" where there is none.

    `document`: the name of its root, `root` the root itself. What only NLCIUS and Peppol ask for is read from UBL alone.
    """

    document: str
    root: ET.Element
    header: dict[str, str]
    lines: list[dict[str, str]]
    taxes: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Syntax:
    """Where a syntax keeps the terms; several paths are parted by a bar, an attribute by `/@`."""

    header: Paths
    line: str
    of_line: Paths
    tax: str
    of_tax: Paths


_SELLER, _BUYER = "cac:AccountingSupplierParty/cac:Party", "cac:AccountingCustomerParty/cac:Party"
_VAT, _OTHER = (f"cac:PartyTaxScheme/cac:TaxScheme[cbc:ID{x}'VAT']/../cbc:CompanyID" for x in ("=", "!="))  # fmt: skip
_TOTAL = "cac:LegalMonetaryTotal"
_LEGAL, _AT = "cac:PartyLegalEntity/cbc:CompanyID", "cac:PostalAddress"
_NAME = "cac:PartyLegalEntity/cbc:RegistrationName"
_COUNTRY, _AGENT = f"{_AT}/cac:Country/cbc:IdentificationCode", "cac:TaxRepresentativeParty"
# What NLCIUS asks for beyond the norm. BT-30-1 and BT-47-1 are the schemes of those numbers.
_NLCIUS = {
    "BT-10": "cbc:BuyerReference", "BT-13": "cac:OrderReference/cbc:ID", "BT-24": "cbc:CustomizationID",
    "BT-25": "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID",
    "BT-30-1": f"{_SELLER}/{_LEGAL}/@schemeID", "BT-47-1": f"{_BUYER}/{_LEGAL}/@schemeID",
    "BT-35": f"{_SELLER}/{_AT}/cbc:StreetName", "BT-37": f"{_SELLER}/{_AT}/cbc:CityName", "BT-38": f"{_SELLER}/{_AT}/cbc:PostalZone", "BT-40": f"{_SELLER}/{_COUNTRY}",
    "BT-50": f"{_BUYER}/{_AT}/cbc:StreetName", "BT-52": f"{_BUYER}/{_AT}/cbc:CityName", "BT-53": f"{_BUYER}/{_AT}/cbc:PostalZone", "BT-55": f"{_BUYER}/{_COUNTRY}",
    "BT-64": f"{_AGENT}/{_AT}/cbc:StreetName", "BT-66": f"{_AGENT}/{_AT}/cbc:CityName", "BT-67": f"{_AGENT}/{_AT}/cbc:PostalZone", "BT-69": f"{_AGENT}/{_COUNTRY}",
}  # fmt: skip
UBL = Syntax(
    header={
        **_NLCIUS,
        "BT-3": "cbc:InvoiceTypeCode|cbc:CreditNoteTypeCode", "BT-5": "cbc:DocumentCurrencyCode", "BT-22": "cbc:Note",
        "BT-27": f"{_SELLER}/{_NAME}", "BT-44": f"{_BUYER}/{_NAME}",
        "BT-29": f"{_SELLER}/cac:PartyIdentification/cbc:ID", "BT-30": f"{_SELLER}/cac:PartyLegalEntity/cbc:CompanyID",
        "BT-31": f"{_SELLER}/{_VAT}", "BT-32": f"{_SELLER}/{_OTHER}", "BT-48": f"{_BUYER}/{_VAT}",
        "BT-47": f"{_BUYER}/cac:PartyLegalEntity/cbc:CompanyID",
        "BT-72": "cac:Delivery/cbc:ActualDeliveryDate",
        "BT-73": "cac:InvoicePeriod/cbc:StartDate", "BT-74": "cac:InvoicePeriod/cbc:EndDate",
        "BT-80": "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode",
        "BT-81": "cac:PaymentMeans/cbc:PaymentMeansCode", "BT-84": "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
        "BT-106": f"{_TOTAL}/cbc:LineExtensionAmount", "BT-107": f"{_TOTAL}/cbc:AllowanceTotalAmount",
        "BT-108": f"{_TOTAL}/cbc:ChargeTotalAmount", "BT-109": f"{_TOTAL}/cbc:TaxExclusiveAmount",
        "BT-110": "cac:TaxTotal/cbc:TaxAmount", "BT-112": f"{_TOTAL}/cbc:TaxInclusiveAmount",
        "BT-113": f"{_TOTAL}/cbc:PrepaidAmount", "BT-114": f"{_TOTAL}/cbc:PayableRoundingAmount", "BT-115": f"{_TOTAL}/cbc:PayableAmount",
    },
    line="cac:InvoiceLine|cac:CreditNoteLine",
    of_line={
        "BT-129": "cbc:InvoicedQuantity|cbc:CreditedQuantity", "BT-129-1": "cbc:InvoicedQuantity|cbc:CreditedQuantity/@unitCode",
        "BT-131": "cbc:LineExtensionAmount", "BT-146": "cac:Price/cbc:PriceAmount",
        "BT-149": "cac:Price/cbc:BaseQuantity", "BT-149-1": "cac:Price/cbc:BaseQuantity/@unitCode",
        "BT-153": "cac:Item/cbc:Name", "BT-151": "cac:Item/cac:ClassifiedTaxCategory/cbc:ID", "BT-152": "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent",
    },
    tax="cac:TaxTotal/cac:TaxSubtotal",
    of_tax={
        "BT-116": "cbc:TaxableAmount", "BT-117": "cbc:TaxAmount", "BT-118": "cac:TaxCategory/cbc:ID", "BT-119": "cac:TaxCategory/cbc:Percent",
        "BT-120": "cac:TaxCategory/cbc:TaxExemptionReason", "BT-121": "cac:TaxCategory/cbc:TaxExemptionReasonCode",
    },
)  # fmt: skip
_DEAL = "rsm:SupplyChainTradeTransaction"
_SELLS, _BUYS = (f"{_DEAL}/ram:ApplicableHeaderTradeAgreement/ram:{x}TradeParty" for x in ("Seller", "Buyer"))  # fmt: skip
_VA, _FC = (f"ram:SpecifiedTaxRegistration/ram:ID[@schemeID{x}'VA']" for x in ("=", "!="))
_GOES, _PAYS = (f"{_DEAL}/ram:ApplicableHeaderTrade{x}" for x in ("Delivery", "Settlement"))
_MEANS = f"{_PAYS}/ram:SpecifiedTradeSettlementPaymentMeans"
_PERIOD = f"{_PAYS}/ram:BillingSpecifiedPeriod"
_SUMS = f"{_PAYS}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_CII_COUNTRY = "ram:PostalTradeAddress/ram:CountryID"
_LINE_PAYS = "ram:SpecifiedLineTradeSettlement"
CII = Syntax(
    header={
        "BT-3": "rsm:ExchangedDocument/ram:TypeCode", "BT-5": f"{_PAYS}/ram:InvoiceCurrencyCode", "BT-22": "rsm:ExchangedDocument/ram:IncludedNote/ram:Content",
        "BT-27": f"{_SELLS}/ram:Name", "BT-40": f"{_SELLS}/{_CII_COUNTRY}", "BT-44": f"{_BUYS}/ram:Name", "BT-55": f"{_BUYS}/{_CII_COUNTRY}",
        "BT-29": f"{_SELLS}/ram:ID|{_SELLS}/ram:GlobalID", "BT-30": f"{_SELLS}/ram:SpecifiedLegalOrganization/ram:ID",
        "BT-31": f"{_SELLS}/{_VA}", "BT-32": f"{_SELLS}/{_FC}", "BT-48": f"{_BUYS}/{_VA}",
        "BT-47": f"{_BUYS}/ram:SpecifiedLegalOrganization/ram:ID",
        "BT-72": f"{_GOES}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString",
        "BT-73": f"{_PERIOD}/ram:StartDateTime/udt:DateTimeString", "BT-74": f"{_PERIOD}/ram:EndDateTime/udt:DateTimeString",
        "BT-80": f"{_GOES}/ram:ShipToTradeParty/{_CII_COUNTRY}",
        "BT-81": f"{_MEANS}/ram:TypeCode",
        "BT-84": f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:IBANID|{_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:ProprietaryID",
        "BT-106": f"{_SUMS}/ram:LineTotalAmount", "BT-107": f"{_SUMS}/ram:AllowanceTotalAmount", "BT-108": f"{_SUMS}/ram:ChargeTotalAmount",
        "BT-109": f"{_SUMS}/ram:TaxBasisTotalAmount", "BT-110": f"{_SUMS}/ram:TaxTotalAmount", "BT-112": f"{_SUMS}/ram:GrandTotalAmount",
        "BT-113": f"{_SUMS}/ram:TotalPrepaidAmount", "BT-114": f"{_SUMS}/ram:RoundingAmount", "BT-115": f"{_SUMS}/ram:DuePayableAmount",
    },
    line=f"{_DEAL}/ram:IncludedSupplyChainTradeLineItem",
    of_line={
        "BT-153": "ram:SpecifiedTradeProduct/ram:Name",
        "BT-131": f"{_LINE_PAYS}/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
        "BT-146": "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount",
        "BT-151": f"{_LINE_PAYS}/ram:ApplicableTradeTax/ram:CategoryCode",
        "BT-152": f"{_LINE_PAYS}/ram:ApplicableTradeTax/ram:RateApplicablePercent",
    },
    tax=f"{_PAYS}/ram:ApplicableTradeTax",
    of_tax={
        "BT-116": "ram:BasisAmount", "BT-117": "ram:CalculatedAmount", "BT-118": "ram:CategoryCode", "BT-119": "ram:RateApplicablePercent",
        "BT-120": "ram:ExemptionReason", "BT-121": "ram:ExemptionReasonCode",
    },
)  # fmt: skip


def read_terms(xml: bytes) -> Terms:
    """Return the terms of a document that we made."""
    root = ET.fromstring(xml)  # noqa: S314 - nobody else wrote it
    syntax = CII if root.tag.endswith("}CrossIndustryInvoice") else UBL
    lines = [_texts(line, syntax.of_line) for line in elements(root, syntax.line)]
    taxes = [_texts(tax, syntax.of_tax) for tax in elements(root, syntax.tax)]
    return Terms(root.tag.rpartition("}")[2], root, _texts(root, syntax.header), lines, taxes)


def elements(root: ET.Element, paths: str) -> list[ET.Element]:
    """Return what lies at any of these paths."""
    return [found for path in paths.split("|") for found in root.findall(path, _NAMES)]


def _texts(root: ET.Element, paths: Paths) -> dict[str, str]:
    return {term: _text(root, path) for term, path in paths.items()}


def _text(root: ET.Element, path: str) -> str:
    path, _, attribute = path.partition("/@")
    found = next(iter(elements(root, path)), None)
    if found is None:
        return ""
    return found.get(attribute, "") if attribute else found.text or ""

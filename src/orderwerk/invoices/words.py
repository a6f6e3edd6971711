"""The words on invoices, per language of the order."""

from collections.abc import Mapping
from typing import Any

from babel import Locale

_EN = {
    "debit": "Invoice", "credit": "Credit invoice", "number": "Invoice number", "date": "Invoice date", "order": "Order",
    "ordered": "Ordered on", "supplied": "Supplied on", "bill_to": "Invoice to", "deliver_to": "Delivered to",
    "vat_number": "VAT number", "company_number": "Company number", "company_number_nl": "KVK number", "iban": "IBAN", "quantity": "Quantity",
    "article": "Article", "price": "Price", "vat": "VAT", "amount": "Amount", "discount": "of which discount",
    "shipping": "Shipping", "net": "Total without VAT", "of": "of", "total": "Total", "total_credit": "Total credited",
    "paid": "Paid", "due": "Still to pay", "credits": "Credits invoice {number} of {date}", "reason": "Reason",
    "back": "Of this, {amount} is paid back to you.", "nothing_back": "This cancels what had not been paid; no money goes back.",
    "including": "Prices include VAT.", "excluding": "Prices are without VAT.", "page": "Page", "correction": "Correction",
    "scan_to_pay": "Scan with your bank's app to pay.", "cancelled": "Cancelled", "unshipped": "Shipment cancelled",
    "claim_damaged": "Damaged", "claim_lost": "Lost on its way", "claim_missing": "Missing in the parcel",
    "claim_kept": "Kept by you", "claim_repair": "Sent in for repair",
    "K": "Intra-Community supply, VAT exempt (article 138, Directive 2006/112/EC).", "G": "Export outside the EU, VAT exempt (article 146, Directive 2006/112/EC).",
    "AE": "Reverse charge: the customer accounts for the VAT.", "E": "Exempt from VAT.", "Z": "Zero rate of VAT.",
    "one_stop": "VAT of the country of destination ({country}), declared through the one-stop shop (OSS, union scheme).",
}  # fmt: skip
WORDS: dict[str, dict[str, str]] = {
    "en": _EN,
    "nl": {
        "debit": "Factuur", "credit": "Creditfactuur", "number": "Factuurnummer", "date": "Factuurdatum", "order": "Bestelling",
        "ordered": "Besteld op", "supplied": "Geleverd op", "bill_to": "Factuur aan", "deliver_to": "Geleverd aan",
        "vat_number": "Btw-nummer", "company_number": "Ondernemingsnummer", "company_number_nl": "KVK-nummer", "iban": "IBAN", "quantity": "Aantal", "article": "Artikel",
        "price": "Prijs", "vat": "Btw", "amount": "Bedrag", "discount": "waarvan korting", "shipping": "Verzendkosten",
        "net": "Totaal zonder btw", "of": "over", "total": "Totaal", "total_credit": "Totaal gecrediteerd", "paid": "Betaald",
        "due": "Nog te betalen", "credits": "Crediteert factuur {number} van {date}", "reason": "Reden",
        "back": "Hiervan wordt {amount} aan je terugbetaald.", "nothing_back": "Dit heft op wat nog niet betaald was; er gaat geen geld terug.",
        "including": "Prijzen zijn inclusief btw.", "excluding": "Prijzen zijn zonder btw.", "page": "Pagina", "correction": "Correctie",
        "scan_to_pay": "Scan met de app van je bank om te betalen.", "cancelled": "Geannuleerd", "unshipped": "Zending geannuleerd",
        "claim_damaged": "Beschadigd", "claim_lost": "Onderweg zoekgeraakt", "claim_missing": "Ontbrak in het pakket",
        "claim_kept": "Door jou gehouden", "claim_repair": "Ingestuurd voor reparatie",
        "K": "Intracommunautaire levering, vrijgesteld van btw (artikel 138, richtlijn 2006/112/EG).", "G": "Uitvoer buiten de EU, vrijgesteld van btw (artikel 146, richtlijn 2006/112/EG).",
        "AE": "Btw verlegd.", "E": "Vrijgesteld van btw.", "Z": "Btw-nultarief.",
        "one_stop": "Btw van het land van bestemming ({country}), aangegeven via de Unieregeling van het éénloketsysteem (OSS).",
    },
    "de": {
        "debit": "Rechnung", "credit": "Gutschrift zur Rechnung", "number": "Rechnungsnummer", "date": "Rechnungsdatum", "order": "Bestellung",
        "ordered": "Bestellt am", "supplied": "Geliefert am", "bill_to": "Rechnung an", "deliver_to": "Geliefert an",
        "vat_number": "USt-IdNr.", "company_number": "Handelsregisternummer", "company_number_nl": "KVK-Nummer", "iban": "IBAN", "quantity": "Menge", "article": "Artikel",
        "price": "Preis", "vat": "USt.", "amount": "Betrag", "discount": "davon Rabatt", "shipping": "Versandkosten",
        "net": "Gesamt ohne USt.", "of": "auf", "total": "Gesamt", "total_credit": "Gesamt gutgeschrieben", "paid": "Bezahlt",
        "due": "Noch zu zahlen", "credits": "Berichtigt Rechnung {number} vom {date}", "reason": "Grund",
        "back": "Davon werden {amount} erstattet.", "nothing_back": "Dies hebt auf, was nicht bezahlt war; es wird nichts erstattet.",
        "including": "Preise enthalten die USt.", "excluding": "Preise ohne USt.", "page": "Seite", "correction": "Berichtigung",
        "scan_to_pay": "Mit der App Ihrer Bank scannen und zahlen.", "cancelled": "Storniert", "unshipped": "Sendung storniert",
        "claim_damaged": "Beschädigt", "claim_lost": "Auf dem Weg verloren gegangen", "claim_missing": "Fehlte im Paket",
        "claim_kept": "Von Ihnen behalten", "claim_repair": "Zur Reparatur eingesandt",
        "K": "Innergemeinschaftliche Lieferung, steuerfrei (Artikel 138, Richtlinie 2006/112/EG).", "G": "Ausfuhr, steuerfrei (Artikel 146, Richtlinie 2006/112/EG).",
        "AE": "Steuerschuldnerschaft des Leistungsempfängers.", "E": "Steuerfrei.", "Z": "Nullsatz.",
        "one_stop": "Umsatzsteuer des Bestimmungslandes ({country}), erklärt über den One-Stop-Shop (OSS, EU-Regelung).",
    },
    "fr": {
        "debit": "Facture", "credit": "Facture d'avoir", "number": "Numéro de facture", "date": "Date de facture", "order": "Commande",
        "ordered": "Commandé le", "supplied": "Livré le", "bill_to": "Facturé à", "deliver_to": "Livré à",
        "vat_number": "N° de TVA", "company_number": "N° d'entreprise", "company_number_nl": "N° KVK", "iban": "IBAN", "quantity": "Quantité", "article": "Article",
        "price": "Prix", "vat": "TVA", "amount": "Montant", "discount": "dont remise", "shipping": "Frais de livraison",
        "net": "Total hors TVA", "of": "sur", "total": "Total", "total_credit": "Total de l'avoir", "paid": "Payé",
        "due": "Reste à payer", "credits": "Avoir sur la facture {number} du {date}", "reason": "Motif",
        "back": "Dont {amount} vous sont remboursés.", "nothing_back": "Annule ce qui n'était pas payé ; rien n'est remboursé.",
        "including": "Prix TVA comprise.", "excluding": "Prix hors TVA.", "page": "Page", "correction": "Correction",
        "scan_to_pay": "Scannez avec l'application de votre banque pour payer.", "cancelled": "Annulé", "unshipped": "Envoi annulé",
        "claim_damaged": "Endommagé", "claim_lost": "Perdu en route", "claim_missing": "Manquait dans le colis",
        "claim_kept": "Gardé par vous", "claim_repair": "Envoyé en réparation",
        "K": "Livraison intracommunautaire, exonérée de TVA (article 138, directive 2006/112/CE).", "G": "Exportation, exonérée de TVA (article 146, directive 2006/112/CE).",
        "AE": "Autoliquidation.", "E": "Exonéré de TVA.", "Z": "Taux de TVA zéro.",
        "one_stop": "TVA du pays de destination ({country}), déclarée par le guichet unique (OSS, régime de l’Union).",
    },
}  # fmt: skip


def language_of(locale: str) -> str:
    """Return the language of a locale that invoices speak; English otherwise."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in WORDS else "en"


def claim_words(kind: str, locale: str) -> str:
    """Return what happened to goods that do not come back, as the reason of the customer's credit."""
    return WORDS[language_of(locale)][f"claim_{kind}"]


def one_stop_note(content: Mapping[str, Any]) -> str:
    """Return whose VAT a document bears and how it is declared, in its language; empty where it is the seller's own.

    Documents of before that was known say nothing.
    """
    country = content.get("one_stop", "")
    if not country:
        return ""
    language = language_of(content["locale"])
    name = Locale.parse(language).territories.get(country, country)
    return WORDS[language]["one_stop"].format(country=name)

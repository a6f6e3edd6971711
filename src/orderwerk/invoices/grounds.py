"""Why something bears no VAT, in the words of a document, where nobody wrote his own."""

from orderwerk.invoices.words import WORDS

# What an invoice has to say of goods under the margin scheme (Directive 2006/112/EC, article 226(14), in each language of the law).
_SCHEMES = {
    "en": ("Margin scheme – Second-hand goods", "Margin scheme – Works of art", "Margin scheme – Collector's items and antiques"),
    "nl": (
        "Bijzondere regeling – gebruikte goederen", "Bijzondere regeling – kunstvoorwerpen",
        "Bijzondere regeling – voorwerpen voor verzamelingen of antiquiteiten",
    ),
    "de": ("Gebrauchtgegenstände/Sonderregelung", "Kunstgegenstände/Sonderregelung", "Sammlungsstücke und Antiquitäten/Sonderregelung"),
    "fr": (
        "Régime particulier – Biens d'occasion", "Régime particulier – Objets d'art",
        "Régime particulier – Objets de collection et d'antiquité",
    ),
}  # fmt: skip
_OF_CODE = {"VATEX-EU-F": 0, "VATEX-EU-I": 1, "VATEX-EU-J": 2}


def ground(code: str, language: str) -> str:
    """Return the words of a code of the list VATEX: the law's own for the margin scheme, else that it is exempt, with the code."""
    if code in _OF_CODE:
        return _SCHEMES[language][_OF_CODE[code]]
    plain = WORDS[language]["E"].rstrip(".")
    return f"{plain} ({code})" if code else plain

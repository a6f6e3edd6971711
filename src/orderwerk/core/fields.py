"""The field types of items and documents: bounded, so that nothing too long or too large gets in."""

from typing import Annotated

from django.utils.translation import gettext_noop
from msgspec import Meta

# Text on one line: no line breaks, so that it can stand in a mail header, a label or a table.
_ONE_LINE = r"^[^\r\n\t]*(?![\s\S])"
# The same, of which one can see something: a lone blank names nobody, on screen, on paper and to the norm of invoices.
_SEEN = r"^(?=\s*\S)[^\r\n\t]*(?![\s\S])"
# What is printed on a pack: a space before or after it, which nobody sees, would make it another lot.
_LOT = r"^\S([^\r\n\t\u0085\u2028\u2029]*\S)?(?![\s\S])"

Code = Annotated[
    str, Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*(?![\s\S])")
]
# Who took the money: a code, but not the name under which money moves from one order to another within the product, and no
# other spelling of what pays with a store credit: nobody would see that it is money from outside.
_OWN, _CREDIT = (
    "[._/-]*".join(f"[{c.upper()}{c}]" for c in n) for n in ("orderwerk", "storecredit")
)
_PROVIDER = (
    rf"^(store_credit|(?!({_OWN}|{_CREDIT})[._/-]*(?![\s\S]))[A-Za-z0-9][A-Za-z0-9._/-]*)(?![\s\S])"
)
Provider = Annotated[str, Meta(min_length=1, max_length=60, pattern=_PROVIDER)]
Lot = Annotated[str, Meta(min_length=1, max_length=60, pattern=_LOT)]
# What a maker stamps on a single piece: signs that a scanner reads, no blank in front or behind (GS1 AI 21 has fewer still).
Serial = Annotated[
    str, Meta(min_length=1, max_length=60, pattern=r"^[!-~]([ -~]*[!-~])?(?![\s\S])")
]
Sku = Annotated[str, Meta(min_length=1, max_length=100, pattern=_ONE_LINE)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=_SEEN)]
Line = Annotated[str, Meta(max_length=200, pattern=_ONE_LINE)]
Method = Annotated[str, Meta(max_length=60, pattern=_ONE_LINE)]
LongLine = Annotated[str, Meta(max_length=500, pattern=_ONE_LINE)]
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=_SEEN)]
LongName = Reason
Text = Annotated[str, Meta(max_length=5000)]
LongText = Annotated[str, Meta(min_length=1, max_length=10000)]
ExternalId = Annotated[str, Meta(min_length=1, max_length=200, pattern=_ONE_LINE)]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}(?![\s\S])")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}(?![\s\S])")]
Locale = Annotated[str, Meta(max_length=20, pattern=r"^[a-z]{2,3}([_-][A-Za-z]{2,4})?(?![\s\S])")]
Amount = Annotated[str, Meta(max_length=24, pattern=r"^-?[0-9]{1,13}(\.[0-9]{1,6})?(?![\s\S])")]
Rate = Annotated[str, Meta(max_length=8, pattern=r"^[0-9]{1,3}(\.[0-9]{1,3})?(?![\s\S])")]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000)]
Count = Annotated[int, Meta(ge=0, le=100_000_000)]
Difference = Annotated[int, Meta(ge=-100_000_000, le=100_000_000)]
Grams = Annotated[int, Meta(ge=0, le=100_000_000)]
Url = Annotated[str, Meta(max_length=1000, pattern=r"^(https?://[^\s]+)?(?![\s\S])")]
Email = Annotated[
    str, Meta(max_length=254, pattern=r"^[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,189}(?![\s\S])")
]
EmailOrEmpty = Annotated[
    str, Meta(max_length=254, pattern=r"^([^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,189})?(?![\s\S])")
]
# VATEX, the list of reasons of EN 16931 (BT-121), without those that follow from who buys and where goods go (G, IC, AE, O).
_VATEX = (
    r"^(VATEX-(EU-(79-C|132(-1[A-Q])?|135-1|143(-1(FA|[A-L]))?|144|146-1E|148(-[A-G])?|151(-1(AA|[A-E]))?|153|159|309|[DFIJ])"
    r"|FR-(FRANCHISE|CNWVAT|CGI261-[1-57-8]|CGI261[AB]|CGI261C-[1-3]|CGI261D-(1(BIS)?|[2-4])|CGI261E-[12]|CGI277A|CGI275|CGI295"
    r"|298SEXDECIESA)))?(?![\s\S])"
)
Vatex = Annotated[str, Meta(max_length=30, pattern=_VATEX)]
Phone = Annotated[str, Meta(max_length=40, pattern=r"^[0-9+() ./-]*(?![\s\S])")]

# What each pattern of a field wants, in words: a pattern says nothing to most people. Readers of other languages get the
# translation of the same sentence.
_EMAIL_WORDS = gettext_noop("This is not an e-mail address; write one such as name@example.com.")
_AMOUNT_WORDS = gettext_noop("This is not an amount; write digits with a point, such as 19.95.")
_TIME_WORDS = gettext_noop("This is not a time of day; write one such as 16:00.")
_COUNTRY_WORDS = gettext_noop("This is not a country code; write two capitals such as NL.")
_ONE_LINE_WORDS = gettext_noop("This must be one line of text, without line breaks and tabs.")
WORDS: dict[str, str] = {
    _ONE_LINE: _ONE_LINE_WORDS,
    _SEEN: gettext_noop(
        "This must be one line of text with more than blanks, without line breaks and tabs."
    ),
    _PROVIDER: gettext_noop(
        "This names who took the money: letters, digits, dots, dashes, underscores and slashes, no spaces, not orderwerk itself; a store credit is store_credit and nothing like it."
    ),
    _VATEX: gettext_noop(
        "This is not a reason of the list VATEX for an exempt article, such as VATEX-EU-F for second-hand goods."
    ),
    _LOT: gettext_noop("A lot is one line of text, without spaces before or after it."),
    r"^[A-Za-z0-9][A-Za-z0-9._/-]*(?![\s\S])": gettext_noop(
        "A code starts with a letter or digit and has only letters, digits, dots, dashes, underscores and slashes; no spaces."
    ),
    r"^[A-Z]{2}(?![\s\S])": _COUNTRY_WORDS,
    r"^([A-Z]{2})?(?![\s\S])": _COUNTRY_WORDS,
    r"^[A-Z]{3}(?![\s\S])": gettext_noop(
        "This is not a currency code; write three capitals such as EUR."
    ),
    r"^[a-z]{2,3}([_-][A-Za-z]{2,4})?(?![\s\S])": gettext_noop(
        "This is not a language; write it as nl or nl-NL."
    ),
    r"^-?[0-9]{1,13}(\.[0-9]{1,6})?(?![\s\S])": _AMOUNT_WORDS,
    r"^([0-9]{1,13}(\.[0-9]{1,6})?)?(?![\s\S])": _AMOUNT_WORDS,
    r"^[0-9]{1,3}(\.[0-9]{1,3})?(?![\s\S])": gettext_noop(
        "This is not a percentage; write digits with a point, such as 21 or 5.5."
    ),
    r"^(https?://[^\s]+)?(?![\s\S])": gettext_noop(
        "This is not an address on the web; it starts with https:// or http://."
    ),
    r"^[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,189}(?![\s\S])": _EMAIL_WORDS,
    r"^([^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,189})?(?![\s\S])": _EMAIL_WORDS,
    r"^[0-9+() ./-]*(?![\s\S])": gettext_noop(
        "This is not a phone number; it has only digits, spaces and the signs + ( ) . / -"
    ),
    r"^([01][0-9]|2[0-3]):[0-5][0-9](?![\s\S])": _TIME_WORDS,
    r"^(([01][0-9]|2[0-3]):[0-5][0-9])?(?![\s\S])": _TIME_WORDS,
    r"^[A-Za-z0-9-]*(?![\s\S])": gettext_noop("This has only letters, digits and dashes."),
    r"^(#[0-9a-fA-F]{6})?(?![\s\S])": gettext_noop("This is not a colour; write it as #1a2b3c."),
    r"^[!-~]([ -~]*[!-~])?(?![\s\S])": gettext_noop(
        "A serial number has plain letters, digits and signs, and no space in front or behind."
    ),
    r"^[!-~]+(?![\s\S])": gettext_noop(
        "This has a space or a sign that a key cannot have; copy the key anew."
    ),
    r"^[^\x00-\x1f\x7f]+(?![\s\S])": _ONE_LINE_WORDS,
    r"^[A-Z]{2,6}(?![\s\S])": gettext_noop(
        "This is not a customer code; it has two to six capitals, as in the carrier's contract."
    ),
    r"^[0-9]{1,8}(?![\s\S])": gettext_noop(
        "This is not a customer number; it has at most eight digits, as in the carrier's contract."
    ),
    r"^[^\x00-\x1f\x7f]*(?![\s\S])": _ONE_LINE_WORDS,
    r"^[0-9]{4,5}(?![\s\S])": gettext_noop(
        "This is not a product code; it has four or five digits, as in the carrier's contract."
    ),
    r"^[0-9]{6}(?![\s\S])": gettext_noop(
        "This is not a collection location; it has six digits, as in the carrier's contract."
    ),
    r"^[1-9][0-9]{0,4}(?![\s\S])": gettext_noop(
        "This is not a business reply number; it has at most five digits."
    ),
    r"^[1-9][0-9]{3} ?[A-Z]{2}(?![\s\S])": gettext_noop(
        "This is not a Dutch postal code; write it as 1234 AB."
    ),
    r"^([245]\.[0-9]{1,3}\.[0-9]{1,3})?(?![\s\S])": gettext_noop(
        "This is not a status code of a mail server, such as 5.1.1."
    ),
}

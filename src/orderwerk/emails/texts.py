"""The default texts of messages, per language; English where a language has none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A message's text; `{name}` marks are filled in with plain text."""

    subject: str
    body: str


_SHIPPED = {
    "en": Text(
        "Your order {number} from {shop} is on its way",
        "Dear {name},\n\nYour order {number} has been sent:\n\n{lines}\n\n{tracking}"
        "You can answer this message if anything is not as it should be.\n\nKind regards,\n{shop}\n",
    ),
    "nl": Text(
        "Je bestelling {number} bij {shop} is onderweg",
        "Beste {name},\n\nJe bestelling {number} is verzonden:\n\n{lines}\n\n{tracking}"
        "Klopt er iets niet? Beantwoord dan deze e-mail.\n\nMet vriendelijke groet,\n{shop}\n",
    ),
}
_TRACKING = {"en": "Follow your parcel: {code} {url}\n\n", "nl": "Volg je pakket: {code} {url}\n\n"}
TEXTS = {"shipment.shipped": _SHIPPED}


def language_of(locale: str) -> str:
    """Return the language of a locale that we have texts for."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in _TRACKING else "en"


def shipped_text(
    locale: str,
    *,
    number: str,
    shop: str,
    name: str,
    lines: list[tuple[int, str]],
    tracking: tuple[str, str],
) -> Text:
    """Return the message that goods are on their way; `lines` are (quantity, name), `tracking` is (code, URL)."""
    language = language_of(locale)
    text = _SHIPPED[language]
    code, url = tracking
    values = {
        "number": number,
        "shop": shop,
        "name": name,
        "lines": "\n".join(f"{quantity} x {article}" for quantity, article in lines),
        "tracking": _TRACKING[language].format(code=code, url=url) if code or url else "",
    }
    # A subject is one line: whatever a name or number holds, no header can be slipped in.
    return Text(" ".join(text.subject.format(**values).split()), text.body.format(**values))

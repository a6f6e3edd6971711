"""The default texts of messages, per language: what is sent as long as a shop has written no text of its own."""

from orderwerk.emails.texts import de, en, fr, nl
from orderwerk.emails.texts.text import Text

_BY_LANGUAGE: dict[str, dict[str, Text]] = {"en": en.TEXTS, "nl": nl.TEXTS, "de": de.TEXTS, "fr": fr.TEXTS}  # fmt: skip
LANGUAGES = tuple(_BY_LANGUAGE)


def language_of(locale: str) -> str:
    """Return the language of a locale that there are texts for; English where there are none."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in _BY_LANGUAGE else "en"


def default_text(trigger: str, language: str) -> Text:
    """Return the text that we bring for a trigger in a language."""
    return _BY_LANGUAGE[language][trigger]

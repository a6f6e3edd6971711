"""What shoppers read, in the four languages of the portal; the console's own languages are another matter."""

from collections.abc import Mapping

from django.utils.translation.trans_real import parse_accept_lang_header

from orderwerk.portal.words import de, en, fr, nl

WORDS: Mapping[str, Mapping[str, str]] = {"nl": nl.WORDS, "en": en.WORDS, "de": de.WORDS, "fr": fr.WORDS}  # fmt: skip
NAMES = {"nl": "Nederlands", "en": "English", "de": "Deutsch", "fr": "Français"}


def language_for(chosen: str | None, locale: str | None, accepted: str) -> str:
    """Return the language of a page: the one that was clicked, else the order's, else the browser's, else English."""
    for wish in (chosen, locale):
        language = (wish or "").replace("_", "-").split("-")[0].lower()
        if language in WORDS:
            return language
    for wish, _ in parse_accept_lang_header(accepted):
        language = wish.split("-")[0]
        if language in WORDS:
            return language
    return "en"

"""What a command refuses, as sentences in the reader's language: the refusal's code chooses the sentence."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext

from orderwerk.console.refused_goods import GOODS
from orderwerk.console.refused_money import MONEY
from orderwerk.core.errors import Refusal
from orderwerk.invoices.norm import words_of

# Commands refuse in English, with numbers and names inside. Other languages get the plain sentence of the code.
SENTENCES: Mapping[str, str | Promise] = {**GOODS, **MONEY}


def sentence(refusal: Refusal) -> str:
    """Return why something was refused, in the reader's language: the sentence itself where it is translated."""
    if not refusal.message or (get_language() or "en").startswith("en"):
        return refusal.message
    if (translated := gettext(refusal.message)) != refusal.message:
        return translated
    if refusal.code == "norm_broken":
        rules = [f"{rule}: {words_of(rule)}" for rule in refusal.details["rules"]]
        return f"{SENTENCES[refusal.code]} {refusal.details['number']}: {'; '.join(rules)}."
    return str(SENTENCES.get(refusal.code, refusal.message))

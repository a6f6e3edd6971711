"""The form for serial numbers: per article of a shipment one number a line, as a scanner types them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import ngettext

from orderwerk.console.refusals import sentence
from orderwerk.core.errors import Refusal
from orderwerk.shipments.serial_queries import SerialArticle

MOST_TYPED = 130_000


def typed_serials(text: str) -> list[str]:
    """Return the numbers of a field that holds one a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def serial_widget() -> forms.Textarea:
    """Return the field that a scanner types numbers into; a script takes the number out of a GS1 code."""
    return forms.Textarea(
        attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off", "data-serials": ""}
    )


def refused_piece(refusal: Refusal, serials: Sequence[str]) -> str:
    """Return the number that a refusal is about: the last index that its pointer names; "" where it names none."""
    places = [int(part) for part in refusal.pointer.split("/") if part.isdecimal()]
    return serials[places[-1]] if places and places[-1] < len(serials) else ""


def piece_refused(refusal: Refusal, serials: Sequence[str]) -> str:
    """Say why numbers were refused, and which one it is about."""
    words, serial = sentence(refusal), refused_piece(refusal, serials)
    return words if serial in words else f"{serial}: {words}"


class SerialsForm(forms.Form):
    """Which pieces lie in a shipment."""

    def __init__(self, *args: Any, articles: Sequence[SerialArticle], **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self.articles = articles
        for index, article in enumerate(articles):
            self.fields[f"serials-{index}"] = forms.CharField(
                label=f"{article.name} ({article.sku})",
                required=False,
                max_length=MOST_TYPED,
                widget=serial_widget(),
                initial="\n".join(article.serials),
                help_text=ngettext(
                    "%(n)s piece; one serial number a line.",
                    "%(n)s pieces; one serial number a line.",
                    article.pieces,
                )
                % {"n": article.pieces},
            )

    def item(self, shipment_id: str) -> dict[str, Any] | None:
        """Return the command's item: what is new, and what is not there any more; None where nothing changed."""
        add, remove = [], []
        for index, article in enumerate(self.articles):
            typed = typed_serials(self.cleaned_data[f"serials-{index}"])
            capitals = [serial.upper() for serial in typed]
            before = {serial.upper() for serial in article.serials}
            # A number that was typed twice is refused, not swallowed: two pieces do not share one.
            again = {serial for serial in capitals if capitals.count(serial) > 1}
            add += [
                {"sku": article.sku, "serial": serial} for n, serial in enumerate(typed)
                if capitals[n] not in before or (capitals[n] in again and capitals.index(capitals[n]) != n)
            ]  # fmt: skip
            remove += [{"sku": article.sku, "serial": s} for s in article.serials if s.upper() not in capitals]  # fmt: skip
        if not (add or remove):
            return None
        return {"shipment_id": shipment_id, "add": add, "remove": remove}

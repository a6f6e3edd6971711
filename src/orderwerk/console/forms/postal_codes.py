"""The form that takes in where postal codes lie."""

import io
from collections.abc import Iterator

from django import forms
from django.utils.translation import gettext_lazy as _

from orderwerk.integrations.document_lines import Rows, read_items
from orderwerk.integrations.geonames import read_geonames
from orderwerk.integrations.incoming import Incoming
from orderwerk.stock.commands.upsert_postal_places import PostalPlaceItem

MOST_BYTES = 5_000_000
_COLUMNS = ("country", "postal_code", "latitude", "longitude")


class PostalCodesForm(forms.Form):
    """A file of postal codes with where they lie."""

    kind = forms.ChoiceField(
        label=_("What is in the file"),
        choices=[
            ("csv", _("CSV with country, postal_code, latitude and longitude")),
            ("geonames", _("Postal codes as GeoNames gives them")),
        ],
    )
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput({"accept": ".csv,.txt,text/csv,text/plain"}),
        help_text=_(
            "At most 5 MB; larger files go in with the command orderwerk import postal-codes."
        ),
    )

    def incoming(self) -> Iterator[Incoming[PostalPlaceItem]]:
        """Read the lines of the file; refuses (Malformed) a CSV without those columns."""
        content = self.cleaned_data["file"].read(MOST_BYTES)
        lines = io.StringIO(content.decode("utf-8-sig", errors="replace"), newline="")
        if self.cleaned_data["kind"] == "geonames":
            return read_geonames(lines)
        return read_items(lines, Rows(PostalPlaceItem, _COLUMNS))

    def clean_file(self) -> object:
        """Refuse a file that is larger than what is read of it."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file

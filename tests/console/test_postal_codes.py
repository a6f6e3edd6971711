"""Where postal codes lie is taken in through the settings."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orderwerk.console.forms.postal_codes import MOST_BYTES
from orderwerk.core import sql
from tests.imports.test_postal_codes import CSV, GEONAMES

PATH = "/settings/locations/postal-codes/"


def known() -> dict[str, tuple[float, float]]:
    """Where postal codes lie, as they were taken in."""
    rows = sql.fetch("select prefix, latitude, longitude from stock_postal_place where country = 'NL'")  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in rows}


@pytest.mark.django_db
def test_the_page_takes_a_file_in_and_tells_what_was_left_out(enter: Callable[..., Client]) -> None:
    owner = enter()

    def send(text: str, kind: str) -> str:
        file = SimpleUploadedFile("codes.txt", text.encode())
        return owner.post(PATH, {"kind": kind, "file": file}, follow=True).content.decode()

    assert "None are known yet" in owner.get(PATH).content.decode()
    page = send(GEONAMES, "geonames")
    assert "1 postal code was taken in." in page
    assert "3 lines were left out" in page
    page = send(CSV, "csv")
    assert "2 postal codes were taken in." in page
    assert "2 lines were left out" in page
    assert "5: 30_14 is no postal code" in page
    assert known() == {"1012": (52.374, 4.89), "3011": (51.922, 4.479), "3013": (-1, 2)}
    assert "Netherlands" in owner.get(PATH).content.decode()
    assert "The first line must name the columns" in send("a,b\n1,2\n", "csv")
    assert "0 postal codes" not in send("a\tb\n", "geonames")
    assert "larger than 5 MB" in send(CSV + "\n" * MOST_BYTES, "csv")
    assert enter("warehouse").get(PATH).status_code == 403

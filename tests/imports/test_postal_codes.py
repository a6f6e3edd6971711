"""Files of postal codes, as CSV and as GeoNames gives them: what can be read goes in, the rest is told line by line."""

from orderwerk.integrations.document_lines import Rows, read_items
from orderwerk.integrations.geonames import read_geonames
from orderwerk.stock.commands.upsert_postal_places import PostalPlaceItem

GEONAMES = (
    "NL\t1012\tAmsterdam\tNoord-Holland\t07\tAmsterdam\t0363\t\t\t52.374\t4.89\t6\n"
    "\n"
    "NL\t1013\tAmsterdam\n"
    "NL\t1014\tAmsterdam\tNoord-Holland\t07\tAmsterdam\t0363\t\t\tnorth\t4.89\t6\n"
    "NL\t1015\tAmsterdam\tNoord-Holland\t07\tAmsterdam\t0363\t\t\t520\t4.89\t6\n"
)
CSV = "country,postal_code,latitude,longitude\nNL,3011,51.922,4.479\nNL,3012,nan,4\nNL,3013,-1,+2\nNL,30_14,1,1\n"


def test_a_line_of_geonames_says_where_its_code_lies_or_why_not() -> None:
    read = list(read_geonames(GEONAMES.splitlines(keepends=True)))

    assert [part.item for part in read if part.item] == [
        PostalPlaceItem(country="NL", postal_code="1012", latitude=52.374, longitude=4.89)
    ]
    told = [(line.line, line.reference, line.code) for part in read for line in part.rejected]
    assert [line for line, *_ in told] == [3, 4, 5]
    assert told[0][1:] == ("NL", "wrong_columns")


def test_a_line_of_csv_has_numbers_with_a_point() -> None:
    rows = Rows(PostalPlaceItem, ("country", "postal_code", "latitude", "longitude"))
    read = list(read_items(CSV.splitlines(keepends=True), rows))

    items = [part.item for part in read if part.item]
    assert [(item.latitude, item.longitude) for item in items] == [(51.922, 4.479), (-1, 2), (1, 1)]
    assert [line.line for part in read for line in part.rejected] == [3]

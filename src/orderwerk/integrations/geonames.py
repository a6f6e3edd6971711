"""Reads files of postal codes as GeoNames gives them: one line each, cut by tabs, without a header."""

from collections.abc import Iterable, Iterator

from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.integrations.incoming import Incoming, Rejected
from orderwerk.stock.commands.upsert_postal_places import PostalPlaceItem

# Country, postal code, name, three levels of names and codes, latitude, longitude, accuracy.
_COLUMNS, _LATITUDE, _LONGITUDE = 12, 9, 10


def read_geonames(lines: Iterable[str]) -> Iterator[Incoming[PostalPlaceItem]]:
    """Yield where the postal code of each line lies, or why it does not say so; empty lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = line.rstrip("\r\n").split("\t")
        try:
            item = _item(cells)
        except Refusal as refusal:
            yield Incoming(None, rejected=[Rejected.by(refusal, number, cells[0][:60])])
            continue
        yield Incoming(item, [number], reference=item.postal_code)


def _item(cells: list[str]) -> PostalPlaceItem:
    if len(cells) != _COLUMNS:
        found = f"The line has {len(cells)} columns, GeoNames has {_COLUMNS}."
        raise BadInput(found, code="wrong_columns")
    try:
        latitude, longitude = float(cells[_LATITUDE]), float(cells[_LONGITUDE])
    except ValueError as error:
        raise BadInput("The line has no coordinates.", code="invalid_value") from error
    value = {"country": cells[0].removeprefix("\ufeff"), "postal_code": cells[1], "latitude": latitude, "longitude": longitude}  # fmt: skip
    return convert(value, PostalPlaceItem)

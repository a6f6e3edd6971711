"""The field types of items and documents: bounded, so that nothing too long or too large gets in."""

from typing import Annotated

from msgspec import Meta

# Text on one line: no line breaks, so that it can stand in a mail header, a label or a table.
_ONE_LINE = r"^[^\r\n\t]*(?![\s\S])"

Code = Annotated[
    str, Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*(?![\s\S])")
]
Sku = Annotated[str, Meta(min_length=1, max_length=100, pattern=_ONE_LINE)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=_ONE_LINE)]
Line = Annotated[str, Meta(max_length=200, pattern=_ONE_LINE)]
LongLine = Annotated[str, Meta(max_length=500, pattern=_ONE_LINE)]
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=_ONE_LINE)]
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

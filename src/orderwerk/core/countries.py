"""The countries that an address may name, and those in which things lie, are made or are at home."""

from functools import cache

from babel.core import Locale

from orderwerk.core.errors import BadInput

# Made-up regions that the Unicode data has for testing programs, and those of it that are groups of countries.
_NO_PLACE = frozenset({"XA", "XB", "EZ", "QO", "UN"})
# Northern Ireland in trade with the European Union; ISO 3166-1 leaves XI to its users, as it does XK (Kosovo).
_TRADE = frozenset({"XI"})
# Webshops write these where they know no more of an address; no place is called so.
VAGUE = frozenset({"EU", "ZZ"})


@cache
def countries() -> frozenset[str]:
    """Return the codes of two letters that an address may have.

    Those of ISO 3166-1 as the Unicode CLDR keeps them, with what it reserves (IC for the Canary Islands), XI, and `VAGUE`.
    """
    known = {str(code) for code in Locale("en").territories}
    return (
        frozenset(code for code in known if len(code) == 2 and code.isalpha()) - _NO_PLACE | _TRADE
    )


def check_country(country: str, pointer: str, *, is_exact: bool = False) -> None:
    """Refuse (BadInput) what is not the code of a country; `is_exact`: also the vague ones, where somebody knows which it is."""
    if country not in countries() - (VAGUE if is_exact else frozenset()):
        raise BadInput(
            f"{country} is not the code of a country (ISO 3166-1).",
            code="unknown_country",
            pointer=pointer,
        )

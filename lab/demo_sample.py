"""Cuts the demo's sample out of the whole year: small invoices of goods, from August 2011 on.

    python lab/demo_sample.py online_retail_2010-12-01_2011-12-09.csv.gz

Writes src/orderwerk/cli/demo_data/invoice_lines.csv.gz, the same bytes every time.
"""

import csv
import gzip
import io
import re
import sys
from collections import Counter
from pathlib import Path

ORDERS = 330
PRODUCTS = 420
TARGET = Path(__file__).parent.parent / "src/orderwerk/cli/demo_data/invoice_lines.csv.gz"

Line = list[str]


def fits(number: str, lines: list[Line]) -> bool:
    """Tell whether an invoice is one that a webshop's day could have: goods only, plain prices, few pieces."""
    return (
        number[0] not in "CA"
        and 1 <= len(lines) <= 10
        and sum(int(line[3]) for line in lines) <= 60
        and all(goods(line) for line in lines)
        # Single lines are the many; take every fourth so that orders look like orders.
        and (len(lines) > 1 or int(number) % 4 == 0)
    )


def goods(line: Line) -> bool:
    """Tell whether a line is an article with a name, a quantity and a price in whole pennies."""
    return (
        re.fullmatch(r"\d{5}[A-Z]?", line[1]) is not None
        and bool(line[2].strip())
        and int(line[3]) > 0
        and 0 < float(line[5]) <= 40
        and len(line[5].partition(".")[2]) <= 2
    )


def main() -> None:
    """Read the year, keep a part, write it."""
    with gzip.open(sys.argv[1], "rt", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    invoices: dict[str, list[Line]] = {}
    for row in rows:
        if row[4] >= "2011-08-01":
            invoices.setdefault(row[0], []).append(row)
    fitting = {number: lines for number, lines in invoices.items() if fits(number, lines)}
    sold = Counter(line[1] for lines in fitting.values() for line in lines)
    known = {sku for sku, _ in sold.most_common(PRODUCTS)}
    chosen = [lines for lines in fitting.values() if all(line[1] in known for line in lines)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(line for lines in chosen[-ORDERS:] for line in lines)
    TARGET.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))
    print(f"{len(chosen[-ORDERS:])} orders of {len(chosen)} that fit: {TARGET}")


if __name__ == "__main__":
    main()

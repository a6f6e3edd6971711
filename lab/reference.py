"""Writes the reference pages that come from the code itself; `--check` says whether they are true today.

python lab/reference.py [--check]
"""

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs" / "reference"


def main() -> None:
    """Write or compare the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("ORDERWERK_DATA_DIR", folder)
        os.environ.setdefault("ORDERWERK_SECRET_KEY", "reference-only-" * 4)
        os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        os.environ["DJANGO_SETTINGS_MODULE"] = "orderwerk.config.settings"
        import django

        django.setup()
        pages = {
            "events.md": _events(),
            "statuses.md": _statuses(),
            "invariants.md": _invariants(),
            "settings.md": _settings(),
        }
    stale = [
        name
        for name, text in pages.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text() != text
    ]
    if options.check:
        print(
            "\n".join(
                f"docs/reference/{name} is not what the code says; run python lab/reference.py"
                for name in stale
            )
        )
        sys.exit(1 if stale else 0)
    for name, text in pages.items():
        (DOCS / name).write_text(text)


def _events() -> str:
    from orderwerk.core.events import KINDS

    # Each room declares its own kinds, also those that no route names.
    for path in sorted((Path(__file__).parent.parent / "src" / "orderwerk").glob("*/events.py")):
        importlib.import_module(f"orderwerk.{path.parent.name}.events")
    from orderwerk.routes import ROUTES

    lines = [
        "# Events",
        "",
        "Every change writes one line of history per thing changed, in the same transaction. This page is written from the code.",
        "",
        "| kind | what it says | payload | jobs that react |",
        "| --- | --- | --- | --- |",
    ]
    for kind in sorted(KINDS.values(), key=lambda k: k.name):
        payload = ", ".join(f"`{name}`" for name in kind.payload)
        jobs = ", ".join(f"`{job}`" for job in ROUTES.get(kind.name, ()))
        lines.append(f"| `{kind.name}` | {kind.meaning} | {payload} | {jobs} |")
    return "\n".join(lines) + "\n"


def _statuses() -> str:
    from orderwerk.allocations import statuses as allocations
    from orderwerk.emails import statuses as emails
    from orderwerk.orders import cancel_statuses, substitution_statuses
    from orderwerk.orders.statuses import OrderStatus
    from orderwerk.payments import capture_statuses
    from orderwerk.payments import statuses as payments
    from orderwerk.picklists import statuses as picklists
    from orderwerk.refunds import credit_statuses
    from orderwerk.refunds import statuses as refunds
    from orderwerk.return_requests import label_statuses
    from orderwerk.return_requests import statuses as return_requests
    from orderwerk.returns import claim_statuses, exchange_statuses
    from orderwerk.returns import statuses as returns
    from orderwerk.shipments import exception_statuses
    from orderwerk.shipments import statuses as shipments
    from orderwerk.stock import statuses as inbounds

    lines = [
        "# Statuses",
        "",
        "PostgreSQL refuses every move that is not drawn here. This page is written from the code.",
        "",
        "## Order",
        "",
        "Derived from payments, quantities and holds by the SQL function `order_status`; the first that fits, nobody sets it:",
        "",
        *(f"- `{status.value}`" for status in OrderStatus),
    ]
    machines = {
        "Allocation": allocations, "Pick list": picklists, "Shipment": shipments, "Payment": payments, "Capture": capture_statuses, "E-mail": emails, "Refund": refunds,
        "Store credit": credit_statuses, "Inbound": inbounds, "Cancel request": cancel_statuses, "Substitution": substitution_statuses, "Delivery problem": exception_statuses,
        "Return request": return_requests, "Return label": label_statuses, "Return": returns, "Claim": claim_statuses, "Exchange": exchange_statuses,
    }  # fmt: skip
    derived = {
        "Store credit": "Derived from its lines (given, paid with, gone back, expired, ended early); nobody sets it:"
    }
    for title, machine in machines.items():
        said = ["", derived[title]] if title in derived else []
        lines += ["", f"## {title}", *said, "", "```mermaid", "stateDiagram-v2"]
        lines += [f"  [*] --> {status}" for status in sorted(machine.START)]
        lines += [
            f"  {a} --> {to}" for to, origins in machine.MOVES.items() for a in sorted(origins)
        ]
        lines += ["```"]
    return "\n".join(lines) + "\n"


def _invariants() -> str:
    from orderwerk.checks.run import ALL

    lines = [
        "# Invariants",
        "",
        "`orderwerk check` verifies these on the running database. This page is written from the code.",
        "",
        "| id | what must hold | class |",
        "| --- | --- | --- |",
        *(f"| `{i.id}` | {i.title} | {i.severity.value} |" for i in ALL),
    ]
    return "\n".join(lines) + "\n"


def _settings() -> str:
    from orderwerk.config.env import MEANINGS

    lines = [
        "# Settings of an installation",
        "",
        "Read once, when a process starts, from the environment, or from a file `.env` in the checkout or the folder it is started in;",
        "the environment wins. What cannot be used is said for all settings at once, and nothing starts. This page is written from the code.",
        "",
        "| setting | what it is for, and what holds without it |",
        "| --- | --- |",
        *(f"| `{name}` | {meaning} |" for name, meaning in MEANINGS.items()),
        "",
        "What a shop decides (invoices, refunds, returns, holds, safety stock, e-mails, carriers) is set in the console under *Settings*.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

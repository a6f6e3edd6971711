"""The form of a claim: pieces per line of an order, what happened, and a note."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from orderwerk.console.refusals import sentence
from orderwerk.core.errors import Refusal
from orderwerk.orders.rows import LineRow
from orderwerk.shipments.queries import ShipmentDetail


@dataclass(slots=True)
class ClaimEntry:
    """One order line on the form, as it was filled in."""

    line: LineRow
    quantity: str = ""
    error: str = ""

    @property
    def left(self) -> int:
        """Pieces that are with the customer, as far as we know."""
        return self.line.shipped - self.line.returned - self.line.claimed

    def item(self) -> dict[str, Any]:
        """Return the line of the command's item."""
        pieces = int(self.quantity) if self.quantity.isdecimal() and len(self.quantity) < 9 else -1
        return {"order_line_id": str(self.line.id), "quantity": pieces}


@dataclass(slots=True)
class ClaimForm:
    """A form with an entry per order line of which something is with the customer."""

    entries: list[ClaimEntry] = field(default_factory=list)
    kind: str = "damaged"
    note: str = ""
    error: str = ""

    @staticmethod
    def read(
        request: HttpRequest, lines: Sequence[LineRow], parcel: ShipmentDetail | None
    ) -> "ClaimForm":
        """Read what was posted; before that, a lost parcel's contents are filled in."""
        form = ClaimForm()
        inside: dict[Any, int] = {}
        for row in parcel.parts.lines if parcel is not None else ():
            inside[row.order_line_id] = inside.get(row.order_line_id, 0) + row.quantity
        for line in lines:
            entry = ClaimEntry(line)
            if entry.left <= 0:
                continue
            if request.method == "POST":
                entry.quantity = request.POST.get(f"quantity-{line.id}", "").strip()[:20]
            elif line.id in inside:
                entry.quantity = str(min(entry.left, inside[line.id]))
            form.entries.append(entry)
        given = request.POST if request.method == "POST" else request.GET
        form.kind = given.get("kind", "lost" if parcel is not None else "damaged")[:20]
        form.note = request.POST.get("note", "").strip()[:500]
        return form

    @property
    def chosen(self) -> list[ClaimEntry]:
        """The lines of which pieces are entered."""
        return [e for e in self.entries if e.quantity not in {"", "0"}]

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal at the line that it is about, else above the form."""
        parts = refusal.pointer.strip("/").split("/")
        chosen = self.chosen
        self.error = sentence(refusal)
        if parts[0] == "lines" and len(parts) > 1 and parts[1].isdecimal() and int(parts[1]) < len(chosen):  # fmt: skip
            chosen[int(parts[1])].error = self.error

"""What a pick list's history tells."""

from orderwerk.core.events import declare

PICK_LIST_CREATED = declare(
    "pick_list.created", "A work order to collect goods was made.", "number", "lines", "units"
)
WAVE_CREATED = declare(
    "wave.created", "Pick lists were made together and named.", "number", "name", "lists"
)
PICK_LIST_ASSIGNED = declare("pick_list.assigned", "Somebody took the list.", "user")
PICK_LIST_PRIORITISED = declare(
    "pick_list.prioritised", "The list became urgent, or ordinary again.", "urgent"
)
PICK_LIST_PAUSED = declare("pick_list.paused", "The list was put aside for a while.", "reason")
PICK_LIST_RESUMED = declare("pick_list.resumed", "The list goes on.")
PICK_LIST_SNOOZED = declare(
    "pick_list.snoozed", "The list was set aside until a moment.", "until", "note"
)
PICK_LIST_WOKEN = declare("pick_list.woken", "The list came back before that moment.")
PICK_LIST_PICKED = declare(
    "pick_list.lines_picked", "Lines were picked or found short.", "picked", "short"
)
PICK_LIST_SCAN_REFUSED = declare(
    "pick_list.scan_refused",
    "Something else was scanned than was asked for.",
    "step",
    "code",
    "expected",
)
PICK_LIST_LINES_REMOVED = declare(
    "pick_list.lines_removed", "Pieces were taken off the list.", "units"
)
PICK_LIST_CANCELLED = declare(
    "pick_list.cancelled", "The list was given up; what it had planned is free again.", "units"
)
ORDER_PICK_LISTED = declare(
    "order.pick_listed", "Goods of the order stand on a pick list.", "number"
)

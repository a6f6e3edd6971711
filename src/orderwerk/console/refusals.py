"""What a command refuses, as sentences in the reader's language: the refusal's code chooses the sentence."""

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from orderwerk.core.errors import Refusal

# Commands refuse in English, with numbers and names inside. Other languages get the plain sentence of the code.
SENTENCES: dict[str, str | Promise] = {
    "allocation_picked": _("This allocation has been picked; cancel its pick list or shipment first."),
    "allocation_picking": _("This allocation is being picked; take it off its pick list first."),
    "allocation_released": _("This allocation has been given back already."),
    "allocation_shipped": _("This allocation has been shipped."),
    "being_picked": _("Goods of this are being picked; finish or cancel the pick list first."),
    "count_outdated": _("A later count is booked already; an older one cannot overrule it."),
    "counted_in_future": _("The count is from the future."),
    "duplicate_component": _("An article cannot stand in its own kit, or twice in one."),
    "duplicate_line": _("A line is named twice."),
    "empty_bounds": _("No order can meet these bounds."),
    "forbidden_characters": _("This text has characters that cannot be stored."),
    "inbound_finished": _("Nothing of this is expected any more."),
    "invalid_gtin": _("This is not a GTIN: the check digit is wrong."),
    "invalid_value": _("This value is not valid here."),
    "kit_in_kit": _("A kit cannot be part of a kit; name what it consists of."),
    "location_not_linked": _("The shop does not draw stock from this location."),
    "more_than_sent": _("So many are not in transit; receive the others without the transfer."),
    "no_difference": _("The difference is zero."),
    "no_origin": _("A purchase order has no origin of ours."),
    "not_enough_stock": _("Not enough lies free here."),
    "not_expected": _("This does not name that article; receive it without it."),
    "not_on_hold": _("The order is not on hold."),
    "not_paid": _("The order has not been paid yet."),
    "not_picked": _("The shop ships only what has been picked, and this has not been picked yet."),
    "not_shipped": _("The shipment has not left yet."),
    "nothing_open": _("The order is finished; nothing of it is open any more."),
    "nothing_picked": _("Nothing was picked and nothing is short."),
    "nothing_to_pick": _("Nothing is ready to be picked: shipped, on a pick list already, on hold or not paid."),
    "number_exists": _("This number is in use."),
    "on_hold": _("The order is on hold; release it first."),
    "other_location": _("It goes to another location."),
    "pick_line_done": _("This line is done already."),
    "pick_list_finished": _("This pick list is finished already."),
    "picked_is_more": _("More of it is picked and waits to leave; cancel or ship that first."),
    "reason_required": _("A short pick needs a reason."),
    "received_already": _("More of it has come already."),
    "returned": _("Pieces of this shipment have been returned; it cannot be cancelled."),
    "same_location": _("It is at this location already."),
    "shipment_announced": _("The shipment has been announced already."),
    "shipment_cancelled": _("The shipment is cancelled."),
    "shipment_delivered": _("The shipment has been delivered."),
    "shipment_empty": _("The shipment is empty."),
    "shipment_shipped": _("The shipment has left already."),
    "staging_bin": _("The staging bin keeps its place."),
    "staging_not_counted": _("What is picked lies in the staging bin until it leaves; cancel or ship it instead."),
    "stale_version": _("Somebody changed this order meanwhile; look at the latest events, then try again."),
    "too_many_picked": _("So many are not left to pick on this line."),
    "too_many_to_cancel": _("So many of this line can no longer be cancelled."),
    "too_many_to_ship": _("The shipment line does not hold so many."),
    "try_again": _("Somebody changed this at the same moment; try it again."),
    "unknown_allocation": _("There is no such open allocation."),
    "unknown_bin": _("There is no such bin at this location."),
    "unknown_carrier": _("No such carrier has been set up."),
    "unknown_email": _("There is no such e-mail."),
    "unknown_inbound": _("There is no such purchase order or transfer."),
    "unknown_location": _("There is no such stock location."),
    "unknown_order": _("There is no such order."),
    "unknown_order_line": _("The order has no such line."),
    "unknown_pick_line": _("There is no such pick line."),
    "unknown_pick_list": _("There is no such pick list."),
    "unknown_shipment": _("There is no such shipment."),
    "unknown_shipment_line": _("The shipment has no such line."),
    "unknown_sku": _("There is no product with this SKU."),
    "unknown_user": _("There is no such person."),
    "until_passed": _("The end of a hold lies in the future."),
}  # fmt: skip


def sentence(refusal: Refusal) -> str:
    """Return why something was refused, in the reader's language."""
    if (get_language() or "en").startswith("en"):
        return refusal.message
    return str(SENTENCES.get(refusal.code, refusal.message))

"""THE table of what customers hear by themselves: what sets a message off, and whether it does so by default."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Trigger:
    """An occasion to write: its key, how people call it, and what it may speak of besides shop, customer and order."""

    key: str
    title: str | Promise
    help: str | Promise
    is_on: bool = True
    speaks_of: tuple[str, ...] = ()


_ALL = (
    Trigger(
        "order.received",
        _("Order received"),
        _("When an order has come in, unless it was placed more than two days before."),
    ),
    Trigger(
        "order.paid", _("Payment received"), _("When an order that waited for money has been paid.")
    ),
    Trigger(
        "order.cancelled",
        _("Cancelled"),
        _("When an order, or a part of it, is cancelled."),
        speaks_of=("cancellation",),
    ),
    Trigger(
        "substitution.proposed",
        _("A substitute is offered"),
        _(
            "When a colleague, or the shop's rule, offers another article in place of one that is short, with a link to answer."
        ),
        speaks_of=("substitution",),
    ),
    Trigger(
        "shipment.shipped",
        _("On its way"),
        _("When a shipment leaves. Switched off, only when whoever ships it asks for it."),
        is_on=False,
        speaks_of=("shipment",),
    ),
    Trigger(
        "shipment.partly_shipped",
        _("A part is on its way"),
        _("Instead of “On its way” while goods of the order are still to follow."),
        speaks_of=("shipment",),
    ),
    Trigger(
        "shipment.delivered",
        _("Delivered"),
        _("When the carrier reports that the parcel has arrived."),
        speaks_of=("shipment",),
    ),
    Trigger(
        "shipment.ready",
        _("Ready to collect"),
        _("When what the customer collects lies ready at the counter."),
        speaks_of=("shipment",),
    ),
    Trigger(
        "return_request.received",
        _("Return announced"),
        _("When a customer, or a colleague for them, has announced a return."),
        speaks_of=("return_request",),
    ),
    Trigger(
        "return_request.approved",
        _("Return approved"),
        _("When a colleague has approved what was announced."),
        speaks_of=("return_request",),
    ),
    Trigger(
        "return_request.rejected",
        _("Return rejected"),
        _("When what was announced is rejected, with the reason."),
        speaks_of=("return_request",),
    ),
    Trigger(
        "return_request.kept",
        _("Goods may be kept"),
        _("When a colleague lets the customer keep what was announced, and its worth goes back."),
        speaks_of=("return_request",),
    ),
    Trigger(
        "return_label.made",
        _("Return label ready"),
        _("When the carrier has made the label that the customer sends a return with."),
        speaks_of=("return_request", "return_label"),
    ),
    Trigger(
        "repair.received",
        _("Here for repair"),
        _("When what a customer sent in for repair has arrived."),
        speaks_of=("repair",),
    ),
    Trigger(
        "repair.sent_back",
        _("Back from repair"),
        _("When what was here for repair goes back to the customer, repaired or not."),
        speaks_of=("repair",),
    ),
    Trigger(
        "portal.link",
        _("Link to the order"),
        _(
            "When somebody asked for the order's page and number and postal code are not enough for it."
        ),
    ),
    Trigger(
        "withdrawal.received",
        _("Withdrawal received"),
        _("The receipt of a statement of withdrawal, with its exact time; the law wants it sent."),
        speaks_of=("withdrawal",),
    ),
    Trigger(
        "return.processed",
        _("Return processed"),
        _("When a box has come back. Switched off, only when whoever books it asks for it."),
        is_on=False,
        speaks_of=("returned",),
    ),
    Trigger(
        "refund.sent",
        _("Refund on its way"),
        _(
            "When the payment provider has taken a refund, or a colleague has transferred it; once per refund."
        ),
        speaks_of=("refund",),
    ),
    Trigger(
        "store_credit.issued",
        _("Store credit"),
        _(
            "When a refund has become store credit, or has gone back to the one that paid; it tells the code."
        ),
        speaks_of=("store_credit",),
    ),
    Trigger(
        "store_credit.stopped",
        _("Store credit ended"),
        _("When a colleague ends what was left of a store credit; it does not tell why."),
        speaks_of=("ended_credit",),
    ),
)
TRIGGERS = {trigger.key: trigger for trigger in _ALL}
# The first text is chosen in place of another, the second is a receipt that the law wants sent, the third was asked for.
WITHOUT_SWITCH = frozenset({"shipment.partly_shipped", "withdrawal.received", "portal.link"})

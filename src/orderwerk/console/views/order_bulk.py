"""What can be done with many orders at once: asks what is needed, then shows the result of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import (
    Label,
    Question,
    ask_of_many,
    chosen_ids,
    nothing_chosen,
    show_results,
)
from orderwerk.console.forms.asking import HoldForm, NoForm, ReasonForm, TagForm
from orderwerk.console.forms.holds import HandOverForm
from orderwerk.console.reads.orders import open_shipments_of
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.orders.commands.hand_over import HandOverItem, hand_over_holds
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.orders.queries import orders_by_id
from orderwerk.orders.rows import OrderRow
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shops.queries import all_shops

BACK = "/orders/"
Run = Callable[[Sequence[OrderRow], Any, Actor], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to do with many orders: its words, what it asks for, what it needs."""

    title: str | Promise
    submit: str | Promise
    run: Run
    form: type[forms.Form] = NoForm
    scope: str = "orders:write"
    danger: bool = False
    text: str | Promise = ""


def _hold(orders: Sequence[OrderRow], form: HoldForm, actor: Actor) -> list[Outcome]:
    zones = {shop.code: shop.timezone for shop in all_shops(actor)}
    items = [convert(form.item(str(order.id), zones[order.shop]), HoldItem) for order in orders]
    return hold_orders(items, actor=actor)


def _hand_over(orders: Sequence[OrderRow], form: HandOverForm, actor: Actor) -> list[Outcome]:
    owner = form.cleaned_data["owner"] or None
    items = [HandOverItem(order_id=order.id, owner=owner) for order in orders]
    return hand_over_holds(items, actor=actor)


def _release(orders: Sequence[OrderRow], _form: forms.Form, actor: Actor) -> list[Outcome]:
    return release_orders([ReleaseOrderItem(order_id=order.id) for order in orders], actor=actor)


def _allocate(orders: Sequence[OrderRow], _form: forms.Form, actor: Actor) -> list[Outcome]:
    return allocate_orders([AllocateItem(order_id=order.id) for order in orders], actor=actor)


def _cancel(orders: Sequence[OrderRow], form: forms.Form, actor: Actor) -> list[Outcome]:
    reason = form.cleaned_data["reason"]
    items = [convert({"order_id": str(order.id), "reason": reason}, CancelItem) for order in orders]
    return cancel_orders(items, actor=actor)


def _tag(orders: Sequence[OrderRow], form: forms.Form, actor: Actor) -> list[Outcome]:
    tag = form.cleaned_data["tag"].strip()
    items = [
        convert({"order_id": str(order.id), "tags": [*order.tags, tag]}, UpdateItem)
        for order in orders
    ]
    return update_orders(items, actor=actor)


def _pick(orders: Sequence[OrderRow], _form: forms.Form, actor: Actor) -> list[Outcome]:
    waiting = open_shipments_of(actor, [order.id for order in orders])
    items = [
        CreatePickListItem(location=code, shipment_ids=[shipment])
        for found in waiting.values()
        for shipment, code in found
    ]
    made = iter(create_pick_lists(items, actor=actor))
    by_order: dict[UUID, list[Outcome]] = {
        order_id: [next(made) for _pair in found] for order_id, found in waiting.items()
    }
    return [_summary(order, by_order.get(order.id, [])) for order in orders]


def _summary(order: OrderRow, outcomes: list[Outcome]) -> Outcome:
    done = [outcome for outcome in outcomes if outcome.ok]
    if done:
        return Outcome.done(order.id)
    if outcomes:
        return outcomes[0]
    return Outcome.refused(
        WrongState(f"Order {order.number} has no open shipment to pick.", code="nothing_to_pick")
    )


VERBS = {
    "hold": Verb(_("Put orders on hold"), _("Put on hold"), _hold, HoldForm),
    "hand-over": Verb(_("Hand holds over"), _("Hand them over"), _hand_over, HandOverForm),
    "release": Verb(_("Release orders"), _("Release"), _release),
    "allocate": Verb(_("Allocate orders"), _("Allocate"), _allocate),
    "tag": Verb(_("Add a tag"), _("Add tag"), _tag, TagForm),
    "pick": Verb(_("Make pick lists"), _("Make pick lists"), _pick, scope="shipping:write"),
    "cancel": Verb(
        _("Cancel orders"),
        _("Cancel these orders"),
        _cancel,
        ReasonForm,
        danger=True,
        text=_(
            "Everything that has not been shipped is cancelled: claims on stock, pick lines and open "
            "shipments go with it. What was paid too much is shown to finance."
        ),
    ),
}


@require_POST
@needs("orders:read")
def order_bulk(request: PersonRequest, verb: str) -> HttpResponse:
    """Do one thing with the ticked orders; asks first when more must be known."""
    chosen = VERBS.get(verb)
    if chosen is None:
        raise Http404
    if not request.access.may(chosen.scope):
        raise PermissionDenied
    ids = chosen_ids(request)
    if not ids:
        return nothing_chosen(request, BACK)
    form = chosen.form(request.POST if "asked" in request.POST else None)
    if form.fields and not form.is_valid():
        question = Question(
            chosen.title, chosen.submit, BACK, text=chosen.text, danger=chosen.danger
        )
        return ask_of_many(request, question, form, ids)
    orders = orders_by_id(request.access.actor, ids)
    outcomes = chosen.run(orders, form, request.access.actor)
    labels = [Label(order.number, f"/orders/{order.number}/") for order in orders]
    return show_results(request, chosen.title, labels, outcomes, BACK)

"""Substitutes: offering one, and noting what the customer said on the phone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _

from orderwerk.catalog.queries import product_detail_by_sku
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, Words, ask
from orderwerk.console.forms.asking import NoForm
from orderwerk.console.forms.substitutes import SubstituteForm
from orderwerk.console.views.order import find_order
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.flows.decide_substitutions import (
    SubstitutionItem,
    accept_substitutions,
    decline_substitutions,
    withdraw_substitutions,
)
from orderwerk.flows.propose_substitutions import ProposeSubstitutionItem, propose_substitutions
from orderwerk.orders.queries import order_lines
from orderwerk.orders.rows import LineRow
from orderwerk.orders.substitution_queries import substitution_detail


@needs("orders:write")
def propose(request: PersonRequest, number: str, line_id: UUID) -> HttpResponse:
    """Offer another article in place of pieces of a line."""
    detail = find_order(request, number)
    line = next((line for line in detail.lines if line.id == line_id), None)
    if line is None:
        raise Http404

    def act(form: SubstituteForm) -> Outcome:
        item = convert(form.item(line_id), ProposeSubstitutionItem)
        return propose_substitutions([item], actor=request.access.actor)[0]

    question = Question(
        _("A substitute for %(name)s") % {"name": line.name},
        _("Ask the customer"),
        f"/orders/{number}/articles/",
        text=_(
            "The customer gets an e-mail with a link to say yes or no. Until then, and without an answer, the order goes on "
            "waiting for what was ordered."
        ),
    )
    most = line.quantity - line.cancelled - line.cancel_requested - line.shipped
    form = SubstituteForm(
        request.POST or None, most=most, listed=substitutes_of(request.access.actor, line.sku)
    )
    return ask(request, question, form, act, _("The customer is asked."))


def substitutes_of(actor: Actor, sku: str) -> Sequence[str]:
    """Return the substitutes that the catalogue lists for an article; none for one that it does not know."""
    try:
        return product_detail_by_sku(actor, sku).substitutes
    except NotFound:
        return ()


@dataclass(frozen=True, slots=True)
class _Verb:
    """A decision that a colleague notes: what it asks, does and says."""

    act: Callable[..., list[Outcome]]
    title: Words
    submit: Words
    text: Words
    done: Words
    danger: bool = False


_VERBS = {
    "accept": _Verb(
        accept_substitutions,
        _("The customer said yes"),
        _("Send the substitute"),
        _("%(quantity)s × %(name)s for %(old)s. The old pieces are cancelled and the new ones claimed at once. "
          "Your name and the time are kept with it."),
        _("The substitute stands in the order."),
    ),
    "decline": _Verb(
        decline_substitutions,
        _("The customer said no"),
        _("Keep waiting"),
        _("%(quantity)s × %(name)s for %(old)s is not sent; the order goes on waiting. Your name and the time are kept with it."),
        _("The order goes on waiting."),
    ),
    "withdraw": _Verb(
        withdraw_substitutions,
        _("Take the question back"),
        _("Withdraw"),
        _("%(quantity)s × %(name)s for %(old)s is no longer offered; the link in the e-mail says so."),
        _("The question has been withdrawn."),
        danger=True,
    ),
}  # fmt: skip


@needs("orders:write")
def decide(request: PersonRequest, substitution_id: UUID, verb: str) -> HttpResponse:
    """Note what the customer said, or take the question back."""
    chosen = _VERBS.get(verb)
    if chosen is None:
        raise Http404
    try:
        found = substitution_detail(request.access.actor, substitution_id)
    except NotFound as error:
        raise Http404 from error

    def act(_form: NoForm) -> Outcome:
        items = [SubstitutionItem(substitution_id=found.id)]
        return chosen.act(items, actor=request.access.actor)[0]

    words = {"quantity": found.quantity, "name": found.name, "old": found.instead_of_name}
    question = Question(
        chosen.title,
        chosen.submit,
        f"/orders/{found.order_number}/articles/",
        text=chosen.text % words,
        danger=chosen.danger,
    )
    return ask(request, question, NoForm(request.POST or None), act, chosen.done)


def offer_for_missing(actor: Actor, order_ids: Sequence[UUID], product_id: UUID, sku: str) -> bool:
    """Offer a substitute for what orders still wait for of a product; says whether anybody was asked."""
    lines: list[LineRow] = [line for found in order_lines(order_ids).values() for line in found]
    items = [
        ProposeSubstitutionItem(order_line_id=line.id, sku=sku, quantity=line.waiting)
        for line in lines
        if line.product_id == product_id and line.waiting > 0
    ]
    return any(outcome.ok for outcome in propose_substitutions(items, actor=actor))

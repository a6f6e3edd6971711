"""The overview of refunds, and what can be done with one or many: approve, reject, retry, note that it was paid."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import (
    Label,
    Question,
    ask,
    ask_of_many,
    chosen_ids,
    nothing_chosen,
    safe_next,
    show_results,
    tell,
)
from orderwerk.console.downloads import download
from orderwerk.console.forms.asking import ReasonForm
from orderwerk.console.forms.refunds import AccountForm, FailedForm, PaidForm
from orderwerk.console.lists import Asked, BulkAction, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.refund_steps import NEXT
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.orders.queries import order_detail_by_number
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.create_batches import BankTransferItem, create_transfer_batches
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.set_accounts import RefundAccountItem, set_refund_accounts
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.difference_queries import difference_tab_counts
from orderwerk.refunds.queries import (
    RefundFilters,
    RefundRow,
    refund_detail,
    refund_page,
    refund_tab_counts,
    refunds_by_id,
)
from orderwerk.refunds.rules import next_step
from orderwerk.refunds.run_queries import refund_runs
from orderwerk.refunds.statuses import RefundStatus
from orderwerk.refunds.store_credits import PROVIDER
from orderwerk.shops.queries import all_shops

BACK = "/refunds/"
_COLUMNS = (
    Column("number", _("Refund")),
    Column("order", _("Order")),
    Column("customer", _("Customer")),
    Column("payment", _("Against payment")),
    Column("status", _("Status")),
    Column("next", _("What happens next")),
    Column("amount", _("Amount"), "money"),
)
_REJECT = BulkAction(_("Reject"), "/refunds/bulk/reject/", "ban", danger=True)
_MODES = (("periodic", _("In a run")), ("manual", _("By hand")), ("automatic", _("By itself")))
_BULK = {
    "awaiting_approval": (
        BulkAction(
            _("Approve"),
            "/refunds/bulk/approve/",
            "check",
            confirm=_(
                "The money of what is chosen goes back: within a minute, or with the next run of its shop."
            ),
        ),
        BulkAction(_("Give store credit"), "/refunds/bulk/to-credit/", "credit-card"),
        _REJECT,
    ),
    "approved": (_REJECT,),
    "submitted": (
        BulkAction(_("Paid"), "/refunds/bulk/paid/", "cash"),
        BulkAction(_("File for the bank"), "/refunds/bulk/file/", "download"),
    ),
    "failed": (
        BulkAction(_("Try again"), "/refunds/bulk/retry/", "refresh"),
        BulkAction(_("Pay by hand"), "/refunds/bulk/by-hand/", "cash"),
    ),
}
_TABS = (*RefundStatus.values, "all")


@needs("refunds:read")
def refund_list(request: PersonRequest) -> HttpResponseBase:
    """Show the refunds of a status, as searched and filtered."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=_TABS, filters=("shop", "mode"))
    read = partial(_read, actor)
    if asked.file:
        return download("refunds", RefundRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = refund_tab_counts(actor, asked.filters.get("shop"))
    shops = all_shops(actor)
    may_decide = request.access.may("refunds:write")
    named = [Tab(status.value, status.label, counts[status.value]) for status in RefundStatus]
    shop_filter = Filter("shop", _("All shops"), [(s.code, s.name) for s in shops])
    zones = {shop.code: shop.timezone for shop in shops}
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=[refund_context(row, zones.get(row.shop, "UTC"), may_decide=may_decide) for row in page.items],
        row_template="console/refunds/row.html",
        tabs=[*named, Tab("all", _("All"), sum(counts.values()))],
        filters=[*([shop_filter] if len(shops) > 1 else ()), Filter("mode", _("However sent"), _MODES)],
        search=_("Refund, order or credit invoice number"),
        above="console/refunds/runs.html",
        next_cursor=page.next,
        bulk=_BULK.get(asked.tab, ()) if may_decide else (),
        is_exportable=True,
        empty_icon="receipt-refund",
        empty_title=_("No refunds here"),
        empty_text=_(
            "A refund comes by itself with every credit invoice that gives money back; the shop's settings say who approves it."
        ),
    )  # fmt: skip
    differing = difference_tab_counts(actor, asked.filters.get("shop"))["open"]
    # What a run takes along is decided in these two tabs; elsewhere it says nothing.
    is_before = asked.tab in {"awaiting_approval", "approved"}
    runs = refund_runs(actor, asked.filters.get("shop")) if is_before else []
    context = {"listing": listing, "open_differences": differing, "runs": runs}
    return render(request, "console/refunds/list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[RefundRow]:
    filters = RefundFilters(
        status=None if asked.tab == "all" else asked.tab,
        q=asked.q or None,
        shop=asked.filters.get("shop"),
        mode=asked.filters.get("mode"),
    )
    return refund_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


def refund_context(row: RefundRow, timezone: str, *, may_decide: bool) -> dict[str, Any]:
    """Return what a row or a panel says of one refund."""
    step = next_step(row)
    return {
        "id": row.id,
        "refund": row,
        "step": step,
        "next": str(NEXT[step])
        % {
            "author": row.author_name,
            "via": row.via.capitalize(),
            "note": row.note,
            "reference": row.provider_reference,
            "batch": row.batch_number,
        },
        "timezone": timezone,
        "may_redirect": row.status in {"awaiting_approval", "approved", "failed"}
        and row.provider != PROVIDER,
        "by_bank": step in {"transfer", "keep"},
        "may_decide": may_decide,
    }


def _find(request: PersonRequest, refund_id: UUID) -> RefundRow:
    try:
        return refund_detail(request.access.actor, refund_id)
    except NotFound as error:
        raise Http404 from error


def _approve(rows: list[RefundRow], actor: Actor) -> list[Outcome]:
    return approve_refunds([ApproveRefundItem(refund_id=row.id) for row in rows], actor=actor)


def _retry(rows: list[RefundRow], actor: Actor) -> list[Outcome]:
    return retry_refunds([RetryRefundItem(refund_id=row.id) for row in rows], actor=actor)


def _by_hand(rows: list[RefundRow], actor: Actor) -> list[Outcome]:
    items = [RetryRefundItem(refund_id=row.id, by_hand=True) for row in rows]
    return retry_refunds(items, actor=actor)


def _to_credit(rows: list[RefundRow], actor: Actor) -> list[Outcome]:
    items = [RedirectRefundItem(refund_id=row.id, to="store_credit") for row in rows]
    return redirect_refunds(items, actor=actor)


def _to_money(rows: list[RefundRow], actor: Actor) -> list[Outcome]:
    items = [RedirectRefundItem(refund_id=row.id, to="money") for row in rows]
    return redirect_refunds(items, actor=actor)


def _file(rows: list[RefundRow], actor: Actor) -> list[Outcome]:
    return create_transfer_batches(
        [BankTransferItem(refund_id=row.id) for row in rows], actor=actor
    )


def _paid(rows: list[RefundRow], actor: Actor) -> list[Outcome]:
    items = [SettleRefundItem(refund_id=row.id, status="succeeded") for row in rows]
    return settle_refunds(items, actor=actor)


_VERBS: dict[str, tuple[str | Promise, Callable[[list[RefundRow], Actor], list[Outcome]]]] = {
    "approve": (_("Approve refunds"), _approve),
    "retry": (_("Try refunds again"), _retry),
    "by-hand": (_("Pay refunds by hand"), _by_hand),
    "to-credit": (_("Give store credit"), _to_credit),
    "to-money": (_("Pay back in money"), _to_money),
    "paid": (_("Note refunds as paid"), _paid),
    "file": (_("File for the bank"), _file),
}


@require_POST
@needs("refunds:read")
def refund_bulk(request: PersonRequest, verb: str) -> HttpResponse:
    """Do one thing with the ticked refunds and show what became of each."""
    if verb not in _VERBS:
        raise Http404
    if not request.access.may("refunds:write"):
        raise PermissionDenied
    ids = chosen_ids(request)
    if not ids:
        return nothing_chosen(request, BACK)
    title, run = _VERBS[verb]
    rows = refunds_by_id(request.access.actor, ids)
    outcomes = run(rows, request.access.actor)
    labels = [Label(row.number, f"/orders/{row.order_number}/refunds/") for row in rows]
    return show_results(request, title, labels, outcomes, "/refunds/transfers/" if verb == "file" else BACK)  # fmt: skip


_NO_MONEY = _("No money goes back. The credit invoice stays, and can be paid back later after all.")
_DONE: dict[str, str | Promise] = {
    "approve": _("The refund has been approved."),
    "retry": _("The refund is tried again."),
    "by-hand": _("The refund is to be paid by hand."),
    "to-credit": _("The refund gives store credit."),
    "to-money": _("The refund gives money."),
}


@require_POST
@needs("refunds:write")
def reject_many(request: PersonRequest) -> HttpResponse:
    """Reject the ticked refunds for one reason, which is asked first."""
    ids = chosen_ids(request)
    if not ids:
        return nothing_chosen(request, BACK)
    form = ReasonForm(request.POST if "asked" in request.POST else None)
    if not form.is_valid():
        question = Question(_("Reject refunds"), _("Reject these refunds"), BACK, text=_NO_MONEY, danger=True)  # fmt: skip
        return ask_of_many(request, question, form, ids)
    rows = refunds_by_id(request.access.actor, ids)
    reason = form.cleaned_data["reason"]
    items = [convert({"refund_id": str(row.id), "reason": reason}, RejectRefundItem) for row in rows]  # fmt: skip
    labels = [Label(row.number, f"/orders/{row.order_number}/refunds/") for row in rows]
    outcomes = reject_refunds(items, actor=request.access.actor)
    return show_results(request, _("Reject refunds"), labels, outcomes, BACK)


@require_POST
@needs("refunds:write")
def decide(request: PersonRequest, refund_id: UUID, verb: str) -> HttpResponse:
    """Approve one refund, or try it again."""
    if verb not in _DONE:
        raise Http404
    row = _find(request, refund_id)
    tell(request, _VERBS[verb][1]([row], request.access.actor), _DONE[verb])
    return redirect(safe_next(request, f"/orders/{row.order_number}/refunds/"))


@needs("refunds:write")
def reject(request: PersonRequest, refund_id: UUID) -> HttpResponse:
    """Reject a refund, with a reason."""
    row = _find(request, refund_id)

    def act(form: ReasonForm) -> Outcome:
        item = {"refund_id": str(row.id), "reason": form.cleaned_data["reason"]}
        return reject_refunds([convert(item, RejectRefundItem)], actor=request.access.actor)[0]

    question = Question(
        _("Reject refund %(number)s") % {"number": row.number},
        _("Reject the refund"),
        f"/orders/{row.order_number}/refunds/",
        text=_NO_MONEY,
        danger=True,
    )  # fmt: skip
    form = ReasonForm(request.POST or None)
    return ask(request, question, form, act, _("The refund has been rejected."))


@needs("refunds:write")
def paid(request: PersonRequest, refund_id: UUID) -> HttpResponse:
    """Note that the money has gone back."""
    row = _find(request, refund_id)

    def act(form: PaidForm) -> Outcome:
        item = {
            "refund_id": str(row.id),
            "status": "succeeded",
            "reference": form.cleaned_data["reference"],
        }
        return settle_refunds([convert(item, SettleRefundItem)], actor=request.access.actor)[0]

    question = Question(
        _("Refund %(number)s has been paid") % {"number": row.number},
        _("Note as paid"),
        f"/orders/{row.order_number}/refunds/",
    )
    form = PaidForm(request.POST or None)
    return ask(request, question, form, act, _("The refund is noted as paid."))


@needs("refunds:write")
def failed(request: PersonRequest, refund_id: UUID) -> HttpResponse:
    """Note that the money could not go back."""
    row = _find(request, refund_id)

    def act(form: FailedForm) -> Outcome:
        item = {"refund_id": str(row.id), "status": "failed", "note": form.cleaned_data["note"]}
        return settle_refunds([convert(item, SettleRefundItem)], actor=request.access.actor)[0]

    question = Question(
        _("Refund %(number)s has failed") % {"number": row.number},
        _("Note as failed"),
        f"/orders/{row.order_number}/refunds/",
        text=_("Its amount is free again; try it once more when the cause is mended."),
    )
    form = FailedForm(request.POST or None)
    return ask(request, question, form, act, _("The refund is noted as failed."))


@needs("refunds:write")
def account(request: PersonRequest, refund_id: UUID) -> HttpResponse:
    """Note to which bank account a refund is to be transferred."""
    row = _find(request, refund_id)

    def act(form: AccountForm) -> Outcome:
        item = {"refund_id": str(row.id), **form.cleaned_data}
        return set_refund_accounts([convert(item, RefundAccountItem)], actor=request.access.actor)[0]  # fmt: skip

    question = Question(
        _("Bank account for refund %(number)s") % {"number": row.number},
        _("Save"),
        f"/orders/{row.order_number}/refunds/",
        text=_("It then fits into a file for the bank."),
    )
    initial = {"holder": row.account_holder or row.customer_name, "iban": row.account_iban}
    form = AccountForm(request.POST or None, initial=initial)
    return ask(request, question, form, act, _("The bank account is noted."))


@require_POST
@needs("refunds:write")
def again(request: PersonRequest, number: str) -> HttpResponse:
    """Make refunds for what of an order's credit invoices has not gone back."""
    actor = request.access.actor
    try:
        order_detail_by_number(actor, number)
    except NotFound as error:
        raise Http404 from error
    wish = True if request.POST.get("as") == "store_credit" else None
    items = [CreateRefundItem(invoice_id=key, as_store_credit=wish) for key in chosen_ids(request)]
    outcomes = create_refunds(items, actor=actor)
    if any(o.error is not None or o.data["refunds"] for o in outcomes):
        tell(request, outcomes, _("What is left of the credit invoices is to be given back."))
    else:
        messages.warning(request, _("Nothing can go back now; the list says why."))
    return redirect(f"/orders/{number}/refunds/")

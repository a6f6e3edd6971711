"""One invoice: what stands on it, what was credited of it, and crediting it."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.forms.invoices import CreditForm
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.queries import InvoiceDetail, invoice_detail_by_number
from orderwerk.shops.queries import all_shops


def find_invoice(request: PersonRequest, number: str) -> InvoiceDetail:
    """Return the invoice of a number, or a 404 when it is not there or not for this person."""
    try:
        return invoice_detail_by_number(request.access.actor, number)
    except NotFound as error:
        raise Http404 from error


@needs("billing:read")
def invoice(request: PersonRequest, number: str) -> HttpResponse:
    """Show one invoice."""
    detail = find_invoice(request, number)
    zones = {shop.code: shop.timezone for shop in all_shops(request.access.actor)}
    context = {
        "detail": detail,
        "invoice": detail.invoice,
        "timezone": zones.get(detail.invoice.shop, "UTC"),
        "may_credit": request.access.may("billing:write") and detail.invoice.rest_minor > 0,
    }
    return render(request, "console/invoices/page.html", context)


@needs("billing:write")
def credit(request: PersonRequest, number: str) -> HttpResponse:
    """Credit an invoice: pieces and shipping, or an amount, with a reason."""
    detail = find_invoice(request, number)
    if detail.invoice.kind != "debit":
        raise Http404

    def act(form: CreditForm) -> Outcome:
        item = convert(form.item(), CreditItem)
        return credit_invoices([item], actor=request.access.actor)[0]

    question = Question(
        _("Credit invoice %(number)s") % {"number": number},
        _("Issue the credit invoice"),
        f"/orders/{detail.invoice.order_number}/invoices/",
        text=_(
            "The customer gets money back as far as it came in. A credit invoice is final: it cannot be changed or taken back."
        ),
        wide=True,
        once=True,
    )
    form = CreditForm(request.POST or None, detail=detail)
    return ask(request, question, form, act, _("The credit invoice has been issued."))

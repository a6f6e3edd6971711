"""The form that credits an invoice: pieces and shipping, or an amount."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from typing_extensions import override

from orderwerk.core.errors import Refusal
from orderwerk.core.money import format_amount, parse_amount
from orderwerk.invoices.queries import InvoiceDetail


class CreditForm(forms.Form):
    """What is given back, and why."""

    def __init__(self, *args: Any, detail: InvoiceDetail, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.detail = detail
        currency = detail.invoice.currency
        self.lines = [line for line in detail.lines if line.order_line_id and self._left(line)]
        for line in self.lines:
            self.fields[f"line-{line.order_line_id}"] = forms.IntegerField(
                label=f"{line.name} ({line.sku})",
                min_value=0,
                max_value=self._left(line),
                required=False,
                help_text=ngettext("of %(n)s piece", "of %(n)s pieces", self._left(line))
                % {"n": self._left(line)},
            )
        shipping = next((line for line in detail.lines if line.order_line_id is None), None)
        if shipping and shipping.base_minor > shipping.credited_base_minor:
            self.fields["shipping"] = forms.BooleanField(
                label=_("Shipping costs (%(amount)s)")
                % {"amount": format_amount(shipping.gross_minor, currency)},
                required=False,
            )
        self.fields["amount"] = forms.CharField(
            label=_("Or an amount instead, VAT included"),
            max_length=24,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            help_text=_("At most %(amount)s %(currency)s; it is spread over what is left.")
            % {
                "amount": format_amount(detail.invoice.rest_minor, currency),
                "currency": currency,
            },
        )
        self.fields["reason"] = forms.CharField(label=_("Reason"), max_length=500)

    @staticmethod
    def _left(line: Any) -> int:  # noqa: ANN401 - a line's row
        return int(line.quantity - line.credited)

    def clean_amount(self) -> str:
        """Take a comma for a point, as people write amounts; digits only."""
        text = str(self.cleaned_data["amount"]).strip().replace(",", ".")
        if not text:
            return ""
        try:
            parse_amount(text, self.detail.invoice.currency)
        except Refusal as refusal:
            raise forms.ValidationError(_("Enter an amount such as 12.50.")) from refusal
        return text

    def item(self) -> dict[str, Any]:
        """Return the command's item."""
        data = self.cleaned_data
        lines = [
            {
                "order_line_id": str(line.order_line_id),
                "quantity": data[f"line-{line.order_line_id}"],
            }
            for line in self.lines
            if data.get(f"line-{line.order_line_id}")
        ]
        return {
            "invoice_id": str(self.detail.invoice.id),
            "reason": data["reason"],
            "lines": lines or None,
            "shipping": bool(data.get("shipping")),
            "amount": data["amount"] or None,
        }

    @override
    def clean(self) -> dict[str, Any]:
        """Ask for goods or an amount, not both and not nothing."""
        values = super().clean() or {}
        if self.errors:
            return values
        item = self.item()
        goods = bool(item["lines"]) or item["shipping"]
        if not goods and not item["amount"]:
            raise forms.ValidationError(
                _("Nothing would be given back: enter pieces or an amount.")
            )
        if goods and item["amount"]:
            raise forms.ValidationError(_("Enter pieces and shipping, or an amount; not both."))
        return values

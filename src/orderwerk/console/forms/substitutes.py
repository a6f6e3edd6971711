"""The form that offers a customer another article."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _


class SubstituteForm(forms.Form):
    """Another article in place of pieces of a line; the price is never more than that of what was ordered."""

    sku = forms.CharField(label=_("SKU of the substitute"), max_length=100)
    quantity = forms.IntegerField(label=_("Pieces"), min_value=1)
    unit_price = forms.RegexField(
        r"^[0-9]{1,13}([.,][0-9]{1,6})?$",
        label=_("Its price in the shop"),
        required=False,
        help_text=_("Empty: that of the ordered article. The customer never pays more than that."),
    )
    tax_rate = forms.RegexField(
        r"^[0-9]{1,3}([.,][0-9]{1,3})?$",
        label=_("Its VAT rate"),
        required=False,
        help_text=_(
            "In percent. Empty: that of the ordered article, unless that one is exempt and this one is not."
        ),
    )

    def __init__(self, *args: Any, most: int, listed: Sequence[str], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["quantity"].initial = most
        self.fields["quantity"].widget.attrs["max"] = most
        self.fields["quantity"].help_text = _("At most %(n)s.") % {"n": most}
        self.fields["sku"].initial = next(iter(listed), "")
        if listed:
            self.fields["sku"].help_text = _("Listed for this article: %(skus)s") % {
                "skus": ", ".join(listed)
            }

    def item(self, line_id: UUID) -> dict[str, Any]:
        """Return the command's item."""
        values = self.cleaned_data
        return {
            "order_line_id": str(line_id),
            "sku": values["sku"],
            "quantity": values["quantity"],
            "unit_price": values["unit_price"].replace(",", ".") or None,
            "tax_rate": values["tax_rate"].replace(",", ".") or None,
        }

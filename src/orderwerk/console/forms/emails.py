"""The forms about e-mails: a shop's text, and a message by hand."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from orderwerk.emails.templating import MOST_BODY, MOST_SUBJECT
from orderwerk.emails.triggers import TRIGGERS


class TextForm(forms.Form):
    """A text in Liquid, and the order that it is tried on."""

    subject = forms.CharField(label=_("Subject"), max_length=MOST_SUBJECT)
    body = forms.CharField(
        label=_("Text"),
        max_length=MOST_BODY,
        widget=forms.Textarea(attrs={"rows": 18, "class": "mono"}),
        help_text=_(
            "A blank line begins a paragraph, “- ” a list, [Label](https://…) alone on a line a button."
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    order_number = forms.CharField(
        label=_("Try it on order"),
        max_length=60,
        required=False,
        help_text=_("Left empty: made-up data."),
    )


class MessageForm(forms.Form):
    """A message to a customer: one of the shop's texts, or own words."""

    template = forms.ChoiceField(label=_("Text"), required=False)
    subject = forms.CharField(label=_("Subject"), max_length=MOST_SUBJECT, required=False)
    body = forms.CharField(
        label=_("Message"),
        max_length=MOST_BODY,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
    )

    documents = forms.MultipleChoiceField(
        label=_("Attach"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict | None, documents: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        if not documents:
            del self.fields["documents"]
        else:
            attach: Any = self.fields["documents"]
            attach.choices = documents
        texts = [(key, each.title) for key, each in TRIGGERS.items() if not each.speaks_of]
        field: Any = self.fields["template"]
        field.choices = [("", _("Own words")), *texts]

    def item(self, order_id: str) -> dict[str, Any]:
        """Return the command's item."""
        values = self.cleaned_data
        named = [value.split(":", 1) for value in values.get("documents", [])]
        documents = [{"kind": kind, "id": key} for kind, key in named]
        whom = {"order_id": order_id, "documents": documents}
        if values["template"]:
            return {**whom, "template": values["template"]}
        return {
            **whom,
            "subject": values["subject"] or None,
            "body": values["body"] or None,
        }

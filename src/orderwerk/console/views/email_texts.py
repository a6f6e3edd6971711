"""Settings: what customers hear by themselves, per shop and language, switched and worded by the merchant."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import tell
from orderwerk.console.forms.emails import TextForm
from orderwerk.console.forms.settings import show_refusal
from orderwerk.console.refusals import sentence
from orderwerk.console.views.letters import harmless
from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.emails.commands.reset_templates import ResetTemplateItem, reset_templates
from orderwerk.emails.commands.set_automations import AutomationItem, set_automations
from orderwerk.emails.commands.upsert_templates import TemplateItem, upsert_templates
from orderwerk.emails.own_texts import is_on, stored_texts, switches, text_for
from orderwerk.emails.sample import sample_for
from orderwerk.emails.text_queries import template_versions
from orderwerk.emails.texts import LANGUAGES
from orderwerk.emails.triggers import TRIGGERS, WITHOUT_SWITCH, Trigger
from orderwerk.flows.preview_emails import PreviewItem, preview_templates
from orderwerk.flows.send_test_emails import TrialItem, send_test_emails
from orderwerk.orders.queries import order_detail_by_number
from orderwerk.shops.queries import ShopRow, all_shops

LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English", "de": "Deutsch", "fr": "Français"}


@dataclass(frozen=True, slots=True)
class _Named:
    """The text that an address names."""

    shop: ShopRow
    trigger: Trigger
    language: str

    @property
    def words(self) -> dict[str, str]:
        """The fields by which commands know it."""
        return {"shop": self.shop.code, "trigger": self.trigger.key, "language": self.language}


def _shops(request: PersonRequest) -> list[ShopRow]:
    return all_shops(request.access.actor)


def _find(request: PersonRequest, code: str, key: str, language: str) -> _Named:
    shop = next((s for s in _shops(request) if s.code == code), None)
    if shop is None or key not in TRIGGERS or language not in LANGUAGES:
        raise Http404
    return _Named(shop, TRIGGERS[key], language)


@needs("settings:read")
def email_texts(request: PersonRequest) -> HttpResponse:
    """Show what a shop's customers hear by themselves."""
    shops = _shops(request)
    wanted = request.GET.get("shop", "")
    shop = next((s for s in shops if s.code == wanted), shops[0] if shops else None)
    rows = []
    if shop is not None:
        stored, switched = stored_texts([shop.id]), switches([shop.id])
        rows = [
            {
                "trigger": trigger,
                "is_on": is_on(switched, shop.id, key),
                "has_switch": key not in WITHOUT_SWITCH,
                "texts": [
                    {
                        "language": language,
                        "name": LANGUAGE_NAMES[language],
                        "is_custom": (own := stored.get((shop.id, key, language))) is not None
                        and own.is_custom,
                    }
                    for language in LANGUAGES
                ],
            }
            for key, trigger in TRIGGERS.items()
        ]
    context = {
        "shops": shops,
        "shop": shop,
        "rows": rows,
        "tab": "emails",
        "may_change": request.access.may("settings:write"),
    }
    return render(request, "console/emails/texts.html", context)


@require_POST
@needs("settings:write")
def email_switch(request: PersonRequest, code: str, key: str) -> HttpResponse:
    """Switch a message on or off for a shop."""
    _find(request, code, key, LANGUAGES[0])
    wanted = AutomationItem(shop=code, trigger=key, is_on=request.POST.get("is_on") == "yes")
    outcomes = set_automations([wanted], actor=request.access.actor)
    tell(request, outcomes, _("Switched on.") if wanted.is_on else _("Switched off."))
    return redirect(f"/settings/emails/?shop={code}")


@needs("settings:read")
def email_text(request: PersonRequest, code: str, key: str, language: str) -> HttpResponse:
    """Show a text and change it."""
    named = _find(request, code, key, language)
    stored = stored_texts([named.shop.id])
    own = stored.get((named.shop.id, key, language))
    text = text_for(stored, named.shop.id, key, language)
    initial = {"subject": text.subject, "body": text.body, "version": own.version if own else 0}
    may_change = request.access.may("settings:write")
    form = TextForm(request.POST or None, initial=initial)
    wants_saving = request.method == "POST" and may_change and form.is_valid()
    if wants_saving and _save(request, named, form):
        return redirect(request.path)
    context = {
        "form": form,
        "named": named,
        "language_name": LANGUAGE_NAMES[language],
        "languages": [(each, LANGUAGE_NAMES[each]) for each in LANGUAGES],
        "is_custom": own is not None and own.is_custom,
        "versions": template_versions(own.id) if own else [],
        "names": _names(sample_for(named.trigger.speaks_of)),
        "tab": "emails",
        "may_change": may_change,
    }
    status = 422 if form.errors else 200
    return render(request, "console/emails/text.html", context, status=status)


def _save(request: PersonRequest, named: _Named, form: TextForm) -> bool:
    values = form.cleaned_data
    item = {
        **named.words,
        "subject": values["subject"],
        "body": values["body"].replace("\r\n", "\n"),
        "version": values["version"],
    }
    try:
        upsert_templates([convert(item, TemplateItem)], actor=request.access.actor)[0].require()
    except Refusal as refusal:
        show_refusal(form, refusal)
        return False
    messages.success(request, _("Saved. This text is sent from now on."))
    return True


def _names(data: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in data.items():
        if isinstance(value, dict):
            found += _names(value, f"{before}{name}.")
        elif isinstance(value, list):
            found += [(f"{before}{name}", ", ".join(value[0]))]
        else:
            found.append((f"{before}{name}", str(value).replace("\n", " ")))
    return found


@require_POST
@needs("settings:write")
def email_text_reset(request: PersonRequest, code: str, key: str, language: str) -> HttpResponse:
    """Go back to the text that comes with Orderwerk."""
    named = _find(request, code, key, language)
    item = ResetTemplateItem(**named.words)
    outcomes = reset_templates([item], actor=request.access.actor)
    tell(request, outcomes, _("The text that comes with Orderwerk is sent again."))
    return redirect("email_text", code, key, language)


def _preview_item(request: PersonRequest, named: _Named) -> PreviewItem:
    number = request.POST.get("order_number", "").strip()
    order_id: UUID | None = None
    if number:
        order_id = order_detail_by_number(request.access.actor, number).order.id
    words = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in ("subject", "body")}
    item = {**named.words, **words, "order_id": str(order_id) if order_id else None}
    return convert(item, PreviewItem)


@harmless
@needs("settings:read")
def email_text_preview(request: PersonRequest, code: str, key: str, language: str) -> HttpResponse:
    """Show the text as a customer would get it: as it stands in the form, or as it is sent now."""
    named = _find(request, code, key, language)
    try:
        posted = request.method == "POST"
        item = _preview_item(request, named) if posted else convert(named.words, PreviewItem)
        shown = preview_templates([item], actor=request.access.actor)[0].require()
    except Refusal as refusal:
        return _line(sentence(refusal), 422)
    return HttpResponse(shown.data["html"])


@harmless
@require_POST
@needs("settings:write")
def email_text_trial(request: PersonRequest, code: str, key: str, language: str) -> HttpResponse:
    """Send the text as it stands in the form to whoever writes it; the answer is a line in the preview's frame."""
    named = _find(request, code, key, language)
    try:
        item = _preview_item(request, named)
        if item.order_id is None:
            raise BadInput(str(_("Name an order: a test message has the data of a real one.")))
        trial = convert({**msgspec.to_builtins(item), "recipient": request.user.email}, TrialItem)
        send_test_emails([trial], actor=request.access.actor)[0].require()
    except Refusal as refusal:
        return _line(sentence(refusal), 422)
    return _line(str(_("A test message is on its way to %s.") % request.user.email), 200)


def _line(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)

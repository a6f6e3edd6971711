"""Carries out what a page asks for and shows what became of it: at the field, in a toast, or in a table per item."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect

from orderwerk.console.access import PersonRequest, own_path, page_below
from orderwerk.console.forms.settings import show_refusal
from orderwerk.console.refusals import sentence
from orderwerk.console.sent_once import Done, once
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome

Words = str | Promise
MOST_CHOSEN = 200


@dataclass(frozen=True, slots=True)
class Question:
    """A form in a dialog (a page of its own without a script): what it is called and where it leads back to."""

    title: Words
    submit: Words
    back: str
    text: Words = ""
    danger: bool = False
    wide: bool = False
    # What would be done twice if the form came twice (money, pieces, letters) is carried out once per form.
    once: bool = False
    template: str = "console/ask.html"


def ask(
    request: PersonRequest,
    question: Question,
    form: forms.Form,
    act: Callable[[Any], Outcome],
    done: Words | Callable[[Outcome], Words],
) -> HttpResponse:
    """Show a form, and carry it out once it is filled in well; a refusal stands at the field that it is about.

    `done` says what became of it, in one sentence or by the outcome.
    """
    if request.method == "POST" and form.is_valid():
        try:
            carried = _carry_out(request, question, lambda: act(form))
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            if carried.outcome is not None:
                words = done(carried.outcome) if callable(done) else done
                messages.success(request, str(words))
            return leave(request, carried.url)
    context = {"question": question, "form": form, "here": request.get_full_path()}
    # A dialog is a part of a page; a page of its own has the frame around it.
    context["frame"] = (
        "console/parts/dialog.html" if is_part(request) else "console/dialog_page.html"
    )
    status = 422 if form.errors else 200
    answer = render(request, question.template, context, status=status)
    # The same address is a dialog for htmx and a page for anybody else.
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def ask_of_many(
    request: HttpRequest, question: Question, form: forms.Form, ids: Sequence[UUID]
) -> HttpResponse:
    """Show what is asked before something is done with the chosen rows; it comes back with `asked` and their ids."""
    context = {
        "question": question,
        "form": form,
        "here": request.path,
        "ids": ids,
        "frame": "console/parts/dialog.html" if is_part(request) else "console/dialog_page.html",
    }
    status = 422 if form.errors else 200
    return render(request, "console/ask_of_many.html", context, status=status)


def _carry_out(request: PersonRequest, question: Question, act: Callable[[], Outcome]) -> Done:
    back = _here(request) or question.back
    if question.once:
        return once(request, act, lambda _outcome: back)
    return Done(back, act().require())


def _here(request: HttpRequest) -> str:
    """Return the page that a dialog stands on, so that closing it leads nowhere else."""
    return page_below(request) if is_part(request) else ""


def is_part(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a part of a page."""
    return bool(getattr(request, "htmx", False))


def leave(request: HttpRequest, url: str) -> HttpResponse:
    """Go to a page after something was done; from a dialog the whole page is loaded anew."""
    if is_part(request) and request.htmx.target == "dialog-place":  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(url)
    return redirect(url)


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """Return the address of ours that a form wants to go back to."""
    return own_path(request.POST.get("next") or request.GET.get("next") or "") or otherwise


def tell(request: HttpRequest, outcomes: Sequence[Outcome], done: Words) -> bool:
    """Say in a toast what became of a command; says whether all of it was done."""
    refused = [o.error for o in outcomes if o.error is not None]
    for text in dict.fromkeys(sentence(error) for error in refused):
        messages.error(request, text)
    if not refused:
        messages.success(request, str(done))
    return not refused


def chosen_ids(request: HttpRequest, *, most: int = MOST_CHOSEN) -> list[UUID]:
    """Return the rows that were ticked; anything that is no id is a 404, like any unknown thing.

    More than may be chosen are refused, rather than that some are left out without a word; no page sends so many.
    """
    texts = request.POST.getlist("id")
    if len(texts) > most:
        raise BadRequest(f"At most {most} rows at once.")
    try:
        found = [UUID(text) for text in texts]
    except ValueError as error:
        raise Http404 from error
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Label:
    """How an item is called in a table of results, and where it is."""

    text: str
    url: str = ""


def show_results(
    request: HttpRequest,
    title: Words,
    labels: Sequence[Label],
    outcomes: Sequence[Outcome],
    back: str,
) -> HttpResponse:
    """Show what became of every chosen row."""
    results = [
        {
            "label": label.text,
            "url": label.url,
            "ok": outcome.ok,
            "text": asked_of_the_warehouse(outcome)
            if outcome.error is None
            else sentence(outcome.error),
        }
        for label, outcome in zip(labels, outcomes, strict=True)
    ]
    context = {
        "title": title,
        "back": _here(request) or back,
        "results": results,
        "done_count": sum(1 for o in outcomes if o.ok),
        "refused_count": sum(1 for o in outcomes if not o.ok),
    }
    template = "console/parts/bulk_result.html" if is_part(request) else "console/bulk_page.html"
    return render(request, template, context)


def asked_of_the_warehouse(outcome: Outcome) -> str:
    """Say of a cancellation how much of it waits for the warehouse; nothing where nothing does."""
    n = int(outcome.data.get("requested") or 0)
    if not n:
        return ""
    return ngettext(
        "%(n)s piece is being picked: the warehouse has been asked to let it go.",
        "%(n)s pieces are being picked: the warehouse has been asked to let them go.",
        n,
    ) % {"n": n}


def nothing_chosen(request: HttpRequest, back: str) -> HttpResponse:
    """Say that no row was ticked."""
    messages.error(request, _("Choose at least one row first."))
    return leave(request, back)

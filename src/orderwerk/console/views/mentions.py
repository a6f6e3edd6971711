"""The memos that mention the person who looks, and what he has seen of them."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.lists import Asked, Column, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.refusals import sentence
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.keyset import Page
from orderwerk.memos.commands.see_mentions import SeeMentionItem, see_mentions
from orderwerk.memos.queries import MentionRow, mention_page, unseen_mentions

_COLUMNS = (
    Column("order", _("Order")),
    Column("memo", _("Memo")),
    Column("author", _("By")),
    Column("at", _("When")),
    Column("seen", _("Seen")),
)


@needs("orders:read")
def mention_list(request: PersonRequest) -> HttpResponseBase:
    """Show the memos that mention the person: those not seen yet, or all."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=("new", "all"), filters=())
    asked, page = read_page(asked, partial(_read, actor), sort="")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=[{"mention": row} for row in page.items],
        row_template="console/mentions/row.html",
        tabs=[Tab("new", _("New"), unseen_mentions(actor)), Tab("all", _("All"))],
        next_cursor=page.next,
        empty_icon="note",
        empty_title=_("Nobody asks for you"),
        empty_text=_(
            "Write @ and a colleague's username in a memo, and that person finds it here."
        ),
    )
    context = {"listing": listing, "title": _("Memos that mention me")}
    return render(request, "console/simple_list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[MentionRow]:
    return mention_page(
        actor, only_new=asked.tab == "new", cursor=asked.cursor or None, limit=asked.limit
    )


@require_POST
@needs("orders:read")
def seen(request: PersonRequest, memo_id: UUID) -> HttpResponse:
    """Note that the person has seen a memo."""
    try:
        see_mentions([SeeMentionItem(memo_id=memo_id)], actor=request.access.actor)[0].require()
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    return redirect("mentions")

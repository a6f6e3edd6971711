"""Nobody is offered a deed that he may not do: every page of the console, as each role sees it."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client
from typing_extensions import override

from tests.console.addresses import addresses
from tests.console.everything import everything

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
PAPERS = (".pdf", ".zip")


class Offers(HTMLParser):
    """What the middle of a page offers: links to dialogs (as `opens` writes them), and buttons that send something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.dialogs: set[str] = set()
        self.buttons: set[str] = set()
        self._sends: dict[str, str] = {}
        self._form = ""
        # A button may stand before the form that it names.
        self._named: list[str] = []
        self.feed(page)
        self.buttons |= {self._sends[name] for name in self._named if name in self._sends}

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and said.get("hx-target") == "#dialog-place":
            self.dialogs.add(said["hx-get"])
        if tag == "form":
            self._form = said.get("action", "here") if said.get("method") == "post" else ""
            if self._form and "id" in said:
                self._sends[said["id"]] = self._form
        if tag == "button" and said.get("type", "submit") == "submit":
            if "form" in said:
                self._named.append(said["form"])
            elif sent := said.get("formaction", self._form):
                self.buttons.add(sent)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""


def offers_of(person: Client) -> dict[str, Offers]:
    """What every page offers that somebody may see, by the page's name."""
    found = {}
    for name, address in addresses(everything(1)).items():
        answer = person.get(address)
        if answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html"):
            _, _, middle = answer.content.decode().partition("<main")
            found[name] = Offers(middle)
    return found


@pytest.mark.parametrize("role", ["customer_service", "warehouse", "finance", "read_only"])
def test_whoever_may_not_do_a_deed_is_not_offered_it(enter: Enter, role: str) -> None:
    person = enter(role)
    pages = offers_of(person)
    dialogs = {link: name for name, page in pages.items() for link in page.dialogs}
    sent = {name: found for name, page in pages.items() if (found := {x for x in page.buttons if not x.endswith(PAPERS)})}  # fmt: skip

    assert len(pages) > 50
    assert {link: n for link, n in dialogs.items() if person.get(link).status_code == 403} == {}
    if role == "read_only":
        assert (dialogs, sent) == ({}, {})
    else:
        assert len(dialogs) > 5
        assert len(sent) > 5

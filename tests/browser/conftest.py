"""A real Chromium in front of the test server; without one these tests skip and say so."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.core.actor import Actor

# Playwright's synchronous interface runs an event loop in this thread, which Django takes for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# A machine that is busy with other tests takes its time: what is right comes, and what is wrong never does.
expect.set_options(timeout=20_000)

PASSWORD = "correct horse battery"
AXE = Path(__file__).resolve().parents[2] / "build" / "axe.min.js"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
# A click that comes before the deferred scripts of a page would do without them: it would ask nothing and open no dialog. So
# nothing takes one until they have run, and Playwright waits for what it clicks on to take it.
_SCRIPTS_FIRST = """{
const hold = () => {
  if (document.documentElement && document.readyState === "loading") document.documentElement.style.pointerEvents = "none";
  return document.documentElement;
};
if (!hold()) new MutationObserver((_, seen) => hold() && seen.disconnect()).observe(document, { childList: true });
addEventListener("DOMContentLoaded", () => document.documentElement.style.removeProperty("pointer-events"));
}"""
SIZES = {"wide": {"width": 1366, "height": 900}, "phone": {"width": 390, "height": 844}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test in the browser a second chance, which the report shows: a machine that stalls for seconds is no fault of a page."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a path in a fresh browser, as a person of a role, and fails on any script error.

    `refused`: the answers (`403`) that a test is about.
    """
    contexts = []
    troubles: list[str] = []

    # A refused form answers 422, a test may take the connection away; Chromium calls that an error, we do not.
    # Letters stand in frames that run no script, ours above neither.
    expected = {"422", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "document's frame is sandboxed"}

    def note(kind: str, text: str) -> None:
        if kind == "error" and not any(word in text for word in expected):
            troubles.append(text)

    def open_page(
        path: str,
        *,
        role: str | None = "owner",
        size: str = "wide",
        scheme: str = "light",
        refused: tuple[str, ...] = (),
    ) -> Page:
        expected.update(refused)
        context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, locale="en")  # type: ignore[arg-type]
        context.add_init_script(_SCRIPTS_FIRST)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message.type, message.text))
        page.on("pageerror", lambda error: note("error", str(error)))
        if role is not None:
            name = f"{role}-{len(contexts)}"
            item = NewUser(username=name, name="Olga de Boer", role=role, password=PASSWORD)
            create_users([item], actor=Actor.system("test"))[0].require()
            page.goto(f"{live_server.url}/account/login/?next={path}")
            page.fill("#id_login", name)
            page.fill("#id_password", PASSWORD)
            page.click("button.btn-primary")
            page.wait_for_url(lambda url: "/account/login/" not in url)
        else:
            page.goto(f"{live_server.url}{path}")
        page.wait_for_load_state("load")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


_AT_REST = """Promise.all(document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < 3000)
  .map(a => a.finished.catch(() => null))).then(() => null)"""


@pytest.fixture
def check_page() -> Callable[[Page], None]:
    """Return a function that asks axe about a page and looks whether it is wider than the screen."""
    if not AXE.is_file():
        pytest.skip("no axe here: run `./orderwerk assets`")

    def check(page: Page) -> None:
        # After a click a page is there before its styles, its scripts and its letters are.
        page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready.then(() => null)")
        # What is still rising or fading in is half transparent, or not yet in its place.
        page.evaluate(_AT_REST)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "axe.run(document).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', ')))"
        )
        assert found == []
        assert (
            page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            <= 0
        )

    return check

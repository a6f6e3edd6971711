"""The one HTTP client: what did not happen for sure is told apart from what may have happened."""

import gc
import ssl
from collections.abc import Callable

import pytest

from orderwerk.core import http
from orderwerk.core.errors import ProviderFailed
from tests.doubles.wire import Double, Reply, Request, serving

pytestmark = pytest.mark.django_db(transaction=True)


class _Words(Double):
    """Answers every call with some text."""

    def answer(self, request: Request) -> Reply:
        return Reply(200, {"words": "x" * 100})

    def operation(self, request: Request) -> str:
        return "any"

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return []


def test_an_answer_comes_whole() -> None:
    with serving(_Words()) as double:
        assert len(http.request("GET", double.url).json()["words"]) == 100


def test_an_answer_that_came_packed_is_plain() -> None:
    with serving(_Words()) as double:
        answer = http.request("GET", double.url, headers={"Accept-Encoding": "gzip"})
    assert answer.json() == {"words": "x" * 100}
    assert answer.headers["Content-Type"] == "application/json"
    assert "Content-Encoding" not in answer.headers


def test_calls_share_what_they_trust() -> None:
    with serving(_Words()) as double:
        http.request("GET", double.url)
        gc.collect()
        gc.disable()
        try:
            before = _contexts()
            for _ in range(3):
                http.request("GET", double.url)
            assert _contexts() == before
        finally:
            gc.enable()


def _contexts() -> int:
    return sum(isinstance(thing, ssl.SSLContext) for thing in gc.get_objects())


def test_an_answer_that_is_too_large_leaves_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_MOST_BYTES", 50)
    with serving(_Words()) as double, pytest.raises(http.TimedOut, match="too large"):
        http.request("GET", double.url)


@pytest.mark.parametrize(("fault", "words", "patience"), [("hang_before", "in time", 0.3), ("cut_after", "broke", 20)])  # fmt: skip
def test_a_call_of_which_nothing_is_heard_leaves_a_doubt(
    fault: str, words: str, patience: float
) -> None:
    with serving(_Words()) as double:
        double.fail(fault)
        with pytest.raises(http.TimedOut, match=words):
            http.request("GET", double.url, patience=patience)


def test_where_nobody_listens_nothing_has_happened() -> None:
    with serving(_Words()) as double:
        gone = double.url
    with pytest.raises(ProviderFailed, match="cannot be reached") as found:
        http.request("GET", gone, patience=20)
    assert not isinstance(found.value, http.TimedOut)

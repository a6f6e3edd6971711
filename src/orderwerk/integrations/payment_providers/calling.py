"""The one way of all calls to payment providers: through core.http, with every outcome sorted by whether money may have moved."""

from collections.abc import Mapping

from django.conf import settings

from orderwerk.core import http
from orderwerk.core.errors import ProviderFailed
from orderwerk.payments.ports import Postponed, Unclear

_LONGEST_WAIT_SECONDS = 3600
_REFUSED_CREDENTIALS_SECONDS = 900


def base_url(provider: str, own: str) -> str:
    """Return where a provider's API is: its own address, unless the installation names another (a sandbox)."""
    return str(settings.ORDERWERK_PROVIDER_URLS.get(provider) or own).rstrip("/")


def call(
    method: str, url: str, headers: Mapping[str, str], content: bytes | None = None
) -> http.Response:
    """Make one call; what comes back is the provider's own, well-considered answer.

    Refuses with Postponed (not reached, too many at once, credentials refused: nothing happened) and with Unclear (no
    answer, a broken one, or a fault of the provider's: it may have happened).
    """
    patience = settings.ORDERWERK_PROVIDER_PATIENCE
    try:
        answer = http.request(method, url, headers=headers, content=content, patience=patience)
    except http.TimedOut as error:
        raise Unclear(error.message, retryable=True) from error
    except ProviderFailed as error:
        raise Postponed(error.message) from error
    status = answer.status_code
    if status == 429:
        raise Postponed(
            "The provider wants us to come back later.", seconds=_wait_of(answer.headers)
        )
    if status in {401, 403}:
        raise Postponed(
            "The provider refuses the credentials.", seconds=_REFUSED_CREDENTIALS_SECONDS
        )
    # 408: the other side, or a proxy on the way, gave up waiting; what it had read by then may have been done.
    if status >= 500 or 300 <= status < 400 or status == 408:
        raise Unclear(f"The provider answered {status}.", retryable=True)
    return answer


def _wait_of(headers: Mapping[str, str]) -> int:
    text = headers.get("retry-after", "")
    return min(int(text), _LONGEST_WAIT_SECONDS) if text.isdecimal() and len(text) < 6 else 60

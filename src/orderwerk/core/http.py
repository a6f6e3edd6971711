"""The one HTTP client: refuses to run while a transaction is open, bounds time and size, follows no redirects."""

from collections.abc import Mapping

import httpx
from django.db import connection

from orderwerk.core.errors import ProviderFailed, ensure

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_MOST_BYTES = 20 * 1024 * 1024


class TimedOut(ProviderFailed):
    """The answer did not come in time: whether the call took effect is in doubt."""

    family = "provider_timed_out"


def request(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None
) -> httpx.Response:
    """Make one call to the outside world and return the whole answer.

    Refuses with ProviderFailed when the other side cannot be reached or answers more than 20 MB, with TimedOut when
    the answer stays out. Stops with AssertionError inside a transaction: no lock is held across a network call.
    """
    ensure(not connection.in_atomic_block, "network call inside a transaction")
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream(method, url, headers=headers, content=content) as response,
        ):
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise ProviderFailed(
                        "The other side answered more than 20 MB.", retryable=False
                    )
            return httpx.Response(
                response.status_code,
                headers=response.headers,
                content=bytes(body),
                request=response.request,
            )
    except httpx.ConnectError as error:
        raise ProviderFailed(
            f"The other side cannot be reached: {error}", retryable=True
        ) from error
    except httpx.TimeoutException as error:
        raise TimedOut("The other side did not answer in time.", retryable=True) from error
    except httpx.HTTPError as error:
        raise TimedOut(f"The connection broke during the call: {error}", retryable=True) from error

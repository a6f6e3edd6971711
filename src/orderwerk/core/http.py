"""The one HTTP client: refuses to run while a transaction is open, bounds time and size, follows no redirects."""

import ssl
import time
from collections.abc import Mapping
from functools import cache

import httpx
from django.db import connection

from orderwerk.core.errors import ProviderFailed, ensure

Response = httpx.Response
_PATIENCE_SECONDS = 10.0
_CONNECT_SECONDS = 5.0
_MOST_BYTES = 20 * 1024 * 1024
# How an answer was packed for the way, and how long it was then.
_PACKED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class TimedOut(ProviderFailed):
    """The answer did not come in time, or not whole: whether the call took effect is in doubt."""

    family = "provider_timed_out"


@cache
def _trusted() -> ssl.SSLContext:
    # Whom the world trusts takes 30 ms and half a megabyte to read; a client left to itself reads it for each call.
    return httpx.create_ssl_context(trust_env=False)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    patience: float = _PATIENCE_SECONDS,
) -> Response:
    """Make one call to the outside world and return the whole answer; `patience` is for all of it, in seconds.

    Refuses with ProviderFailed when the other side cannot be reached (the call certainly did not happen), with TimedOut
    when the answer stays out or is larger than 20 MB. Stops with AssertionError inside a transaction: no lock is held
    across a network call.
    """
    ensure(not connection.in_atomic_block, "network call inside a transaction")
    timeout = httpx.Timeout(patience, connect=min(patience, _CONNECT_SECONDS))
    until = time.monotonic() + patience
    try:
        with (
            httpx.Client(
                timeout=timeout, follow_redirects=False, trust_env=False, verify=_trusted()
            ) as client,
            client.stream(method, url, headers=headers, content=content) as response,
        ):
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                # A limit for each read alone would let a side that sends byte by byte hold us for hours.
                if len(body) > _MOST_BYTES or time.monotonic() > until:
                    raise TimedOut("The answer was too large or too slow.", retryable=True)
            # It has been unpacked as it was read: who reads it again must not take it for packed.
            plain = [pair for pair in response.headers.multi_items() if pair[0] not in _PACKED]
            return Response(
                response.status_code,
                headers=plain,
                content=bytes(body),
                request=response.request,
            )
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise ProviderFailed(
            f"The other side cannot be reached: {error}", retryable=True
        ) from error
    except httpx.TimeoutException as error:
        raise TimedOut("The other side did not answer in time.", retryable=True) from error
    except httpx.HTTPError as error:
        raise TimedOut(f"The connection broke during the call: {error}", retryable=True) from error

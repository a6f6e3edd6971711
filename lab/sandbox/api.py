"""How the world outside talks to an installation: over its API, as any webshop or provider would."""

import http.client
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LOOK_EVERY_SECONDS = 0.5


def token_of(folder: Path) -> str:
    """Return the API token that the demo made."""
    return str(json.loads((folder / "demo.json").read_text(encoding="utf-8"))["token"])


class Api:
    """An installation on this machine; each call has a connection of its own."""

    def __init__(self, port: int, token: Callable[[], str]) -> None:
        self._port, self._token = port, token

    def wait(self, stop: threading.Event) -> bool:
        """Wait until the installation answers; False where it is time to stop first."""
        while not stop.wait(_LOOK_EVERY_SECONDS):
            if self._ask("GET", "/readyz", None, {})[0] == 200:
                return True
        return False

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the API; status 0 where no answer came."""
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        status, answer = self._ask(method, f"/api/v1/{path}", content, headers)
        return status, json.loads(answer or b"null") if status else None

    def post_message(self, address: str, body: str, headers: dict[str, str]) -> int:
        """Deliver a provider's message to the path of the installation's own address for it."""
        return self._ask("POST", address, body, headers)[0]

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, bytes]:  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

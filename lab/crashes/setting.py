"""What a life is lived in: the program that dies, started once and forked for every life, and who asks the API for it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from django.test import Client


class Asking:
    """Asks the API from within this process."""

    def __init__(self, token: str) -> None:
        self._client = Client(SERVER_NAME="127.0.0.1")
        self._token = token

    def do(self, path: str, items: Sequence[Any], key: str) -> list[dict[str, Any]]:
        """Run a bulk command."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        answer = self._client.post(f"/api/v1/{path}", json.dumps({"items": list(items)}), "application/json", headers=headers)  # fmt: skip
        results: list[dict[str, Any]] = json.loads(answer.content)["results"]
        return results


class Victim:
    """The process that dies again and again."""

    def __enter__(self) -> "Victim":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lab.crashes.victim"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def live(self, **told: Any) -> int:
        """Live once; returns 0, an exit status, or the signal it died of as a negative number."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        return int(json.loads(self._process.stdout.readline()))

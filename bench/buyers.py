"""Many clients that send orders through HTTP at the same time, and the book that they keep of their answers."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Book:
    """What buyers have sent, and what they were answered: status and body, after how many seconds."""

    sent: list[str] = field(default_factory=list)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def told(self, of: Callable[[dict[str, Any]], str]) -> dict[str, str]:
        """What each buyer was told of the order; whoever was answered otherwise than "created" was told nothing."""
        return {name: of(json.loads(body)) for name, (status, body) in self.answers.items() if status == 201}  # fmt: skip

    def answered(self) -> str:
        """Say how long the buyers waited."""
        waits = sorted(self.waits)
        p50, p95, p99 = (waits[min(len(waits) - 1, len(waits) * n // 100)] * 1000 for n in (50, 95, 99))  # fmt: skip
        return f"answered p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, at most {waits[-1] * 1000:.0f} ms"


def send(port: int, token: str, names: Sequence[str], document: Callable[[str], Any], clients: int, book: Book) -> None:  # fmt: skip
    """Let so many clients send the orders of these names, each the next one that is left, and write down what they are answered."""
    left = list(names)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while True:
            with book.lock:
                if not left:
                    break
                name = left.pop()
                book.sent.append(name)
            body = json.dumps(document(name))
            began = time.perf_counter()
            try:
                connection.request("POST", "/api/v1/orders", body, headers)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                with book.lock:
                    book.broken.append(f"{name}: {error!r}")
                continue
            with book.lock:
                book.answers[name] = (answer.status, content)
                book.waits.append(time.perf_counter() - began)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

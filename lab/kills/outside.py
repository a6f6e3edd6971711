"""The mail server that everything is sent to: takes what it is given, sometimes hangs up before or after, and counts."""

import random
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any


class MailSink:
    """Which messages have arrived, how often each."""

    def __init__(self, seed: int, faults: float) -> None:
        self.arrived: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.dice = random.Random(seed)
        self.faults = faults
        self.port = 0

    def fault(self) -> str:
        """What goes wrong with the next message: nothing, mostly."""
        with self.lock:
            if self.dice.random() >= self.faults:
                return ""
            return self.dice.choice(("refuse", "cut_before", "cut_after"))

    def take(self, content: bytes) -> None:
        """Keep a message whose last line has arrived."""
        key = str(message_from_bytes(content)["Message-ID"])
        with self.lock:
            self.arrived[key] += 1


class _Session(socketserver.StreamRequestHandler):
    sink: MailSink
    timeout = 60

    def handle(self) -> None:
        """Speak as much SMTP (RFC 5321) as a client that sends needs."""
        try:
            self._say("220 sink")
            while line := self.rfile.readline():
                word = line.strip().split(b" ")[0].upper()
                if word == b"DATA":
                    if not self._data():
                        return
                elif word == b"QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")
        except OSError:
            return

    def _data(self) -> bool:
        fault = self.sink.fault()
        if fault == "refuse":
            self._say("451 try again later")
            return True
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            lines.append(line)
            if fault == "cut_before":
                return False
        if not line:
            return False
        self.sink.take(b"".join(lines))
        if fault == "cut_after":
            return False
        self._say("250 taken")
        return True

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed has hung up; that is what this is for."""


@contextmanager
def mail_sink(seed: int, faults: float) -> Iterator[MailSink]:
    """Run the mail server on loopback."""
    sink = MailSink(seed, faults)
    handler = type("Session", (_Session,), {"sink": sink})
    with _Server(("127.0.0.1", 0), handler) as server:
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join()

"""The door in front of the machines: hands each connection to one that is in, as a load balancer does."""

import itertools
import socket
import threading
from contextlib import suppress

_LISTEN = 256
_CHUNK = 65536


class Door:
    """Listens on loopback and forwards connections to the ports that are in, in turn."""

    def __init__(self) -> None:
        self._ports: list[int] = []
        self._open: dict[int, int] = {}
        self._lock = threading.Lock()
        self._turns = itertools.count()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=_LISTEN)
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def let_in(self, port: int) -> None:
        """Hand connections to this machine too."""
        with self._lock:
            self._ports.append(port)

    def take_out(self, port: int, patience: float = 30.0) -> None:
        """Hand it no further connection, and wait until those that it has are over."""
        with self._lock:
            self._ports.remove(port)
        over = threading.Event()
        while self._open.get(port) and patience > 0:
            over.wait(0.05)
            patience -= 0.05

    def close(self) -> None:
        """Listen no longer."""
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            port = self._ports[next(self._turns) % len(self._ports)]
            self._open[port] = self._open.get(port, 0) + 1
        try:
            with client, socket.create_connection(("127.0.0.1", port), timeout=60) as server:
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join()
        except OSError:
            client.close()
        finally:
            with self._lock:
                self._open[port] -= 1


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_CHUNK):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)

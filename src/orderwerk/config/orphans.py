"""A child whose parent was killed leaves too, so that no half of a process tree goes on serving."""

import os
import signal
import threading
import time

_LOOK_EVERY_SECONDS = 0.5
_PATIENCE_SECONDS = 20


def leave_with_parent() -> None:
    """Watch the parent on a thread; when it is gone, ask this process to stop, and make it after a while."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_PATIENCE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()

"""What the doubles know, kept on disk: a provider that forgot its payments would make every refund a difference."""

import os
import pickle
from pathlib import Path
from typing import Any

from tests.doubles.wire import Double

# What a process has of its own, or is set anew at each start.
_FLEETING = {"lock", "hanging", "faults", "url", "clock", "key", "secret"}


def remember(file: Path, *doubles: Double) -> None:
    """Write what the doubles know, whole or not at all."""
    known = []
    for double in doubles:
        with double.lock:
            # Copied under the lock by the pickling itself, or a refund could come in between.
            known.append(
                pickle.dumps({k: v for k, v in vars(double).items() if k not in _FLEETING})
            )
    draft = file.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        pickle.dump(known, stream)
    draft.rename(file)


def recall(file: Path, *doubles: Any) -> None:
    """Let the doubles know what was written; nothing where nothing was."""
    if not file.is_file():
        return
    for double, known in zip(doubles, pickle.loads(file.read_bytes()), strict=True):  # noqa: S301 - we wrote it
        vars(double).update(pickle.loads(known))  # noqa: S301 - we wrote it
        # Numbers go on after the last one: the provider is one, before and after a start.
        double.count_from(1 + max(map(_number, [*double.known, *double.refunds]), default=0))


def _number(key: str) -> int:
    return int(key.rsplit("_", 1)[1])

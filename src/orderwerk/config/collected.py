"""Knows whether the collected static files still belong to their sources, so that a start need not collect again."""

import hashlib
from pathlib import Path

from orderwerk.config.env import SOURCE

_MARK = ".collected-from"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted((SOURCE / "console" / "static").rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest.update(
                f"{path.relative_to(SOURCE)} {stat.st_size} {stat.st_mtime_ns}\n".encode()
            )
    return digest.hexdigest()


def up_to_date(static_root: Path) -> bool:
    """Say whether the sources are what was collected last."""
    mark = static_root / _MARK
    return mark.is_file() and mark.read_text(encoding="ascii") == _fingerprint()


def note_collected(static_root: Path) -> None:
    """Remember what was just collected."""
    (static_root / _MARK).write_text(_fingerprint(), encoding="ascii")

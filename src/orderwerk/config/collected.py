"""Knows whether the collected static files still belong to their sources, so that a start need not collect again."""

import hashlib

from orderwerk.config.assets import assets_current
from orderwerk.config.env import SOURCE, checkout_root

STATIC_ROOT = SOURCE / "config" / "staticfiles"
_MARK = STATIC_ROOT / ".collected-from"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    root = checkout_root()
    if root is not None:
        # Packages bring static files too; they change with the lock.
        digest.update((root / "requirements" / "run.txt").read_bytes())
    for path in sorted((SOURCE / "console" / "static").rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest.update(
                f"{path.relative_to(SOURCE)} {stat.st_size} {stat.st_mtime_ns}\n".encode()
            )
    return digest.hexdigest()


def up_to_date() -> bool:
    """Say whether the sources are what was built and collected last; an installed package always is."""
    if checkout_root() is None:
        return True
    return (
        assets_current() and _MARK.is_file() and _MARK.read_text(encoding="ascii") == _fingerprint()
    )


def note_collected() -> None:
    """Remember what was just collected."""
    _MARK.write_text(_fingerprint(), encoding="ascii")

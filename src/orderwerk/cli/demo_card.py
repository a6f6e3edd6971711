"""What the demo remembers in its data folder: the login and token it printed; read without Django, so that a start is quick."""

import json
import os
from pathlib import Path

import psycopg

SHOP = "demo"

_FILLED = """
select 1 from accounts_api_token t cross join shops_shop s
where t.id::text = %s and t.revoked_at is null and s.code = %s
"""


def remembered(folder: Path) -> dict[str, str]:
    """Return password, token and token_id of the demo that was filled here; empty where none was."""
    file = folder / "demo.json"
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def remember(folder: Path, **known: str) -> None:
    """Keep what the next start has to know."""
    _note(folder / "demo.json", json.dumps(known))


def write(folder: Path, card: str) -> None:
    """Write what is printed when the demo is ready."""
    _note(folder / "demo.txt", card)


def read(folder: Path) -> str:
    """Return what is printed when the demo is ready."""
    return (folder / "demo.txt").read_text(encoding="utf-8")


def is_filled(folder: Path, address: str) -> bool:
    """Say whether the database at this address holds the demo that this folder remembers; a doubt is a no."""
    token_id = remembered(folder).get("token_id")
    if not token_id or not (folder / "demo.txt").is_file():
        return False
    try:
        with psycopg.connect(address, connect_timeout=10) as connection:
            return connection.execute(_FILLED, (token_id, SHOP)).fetchone() is not None
    except psycopg.Error:
        return False


def _note(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    draft.rename(path)

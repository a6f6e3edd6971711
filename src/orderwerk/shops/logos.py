"""Reads of shops' logos: for papers as they stood at a moment, for pages and letters as they are now."""

import base64
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from orderwerk.core import sql

# As large as a logo becomes on paper, in millimetres.
_WIDE, _HIGH = 60.0, 16.0
_NEWEST = """
select s.id, l.content, l.width, l.height from shops_shop s cross join lateral (
  select * from shops_logo x where x.shop_id = s.id order by x.set_at desc, x.id desc limit 1) l
where s.id = any(%s::uuid[]) and l.width > 0
"""
_ISSUED = """
select v.id, l.content, l.width, l.height from invoices_invoice v cross join lateral (
  select * from shops_logo x where x.shop_id = v.shop_id and x.set_at <= v.issued_at order by x.set_at desc, x.id desc limit 1) l
where v.id = any(%s::uuid[]) and l.width > 0
"""
NO_LOGO: dict[str, Any] = {"svg": "", "width": 0}


def logos_of_shops(shop_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the logo of each shop that has one, as templates of papers set it; one statement."""
    return _set(sql.read(_NEWEST, (list(shop_ids),)))


def logos_of_invoices(invoice_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the logo that each invoice was issued with, where there was one; one statement."""
    return _set(sql.read(_ISSUED, (list(invoice_ids),)))


def _set(rows: Sequence[sql.Row]) -> dict[UUID, dict[str, Any]]:
    return {
        key: {"svg": _svg(bytes(content), width, height), "width": round(min(_WIDE, _HIGH * width / height), 2)}
        for key, content, width, height in rows
    }  # fmt: skip


def _svg(content: bytes, width: int, height: int) -> str:
    # Data of templates is text: the picture travels inside a drawing.
    inside = base64.b64encode(content).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{inside}"/></svg>'
    )


def logo_by_hash(digest: str) -> bytes | None:
    """Return a picture by the SHA-256 that its address names, of whatever shop and time; one statement."""
    rows = sql.read(
        "select content from shops_logo where sha256 = decode(%s, 'hex') and width > 0 limit 1",
        (digest,),
    )
    return bytes(rows[0][0]) if rows else None

"""Shops: what customers see of them is what was taken in."""

from orderwerk.checks.invariant import Invariant

INVARIANTS = (
    Invariant(
        "shop-logo",
        "A shop's logo has the bytes that it was taken in with.",
        """
        select shop_id, 'logo', id, encode(sha256, 'hex'), encode(sha256(content), 'hex') from shops_logo
        where sha256 <> sha256(content) or (width = 0) <> (content = '')
        """,
        "Upload the logo once more under Settings, Shops.",
    ),
)

"""Finds the order that a guest means: by its number, or the webshop's own, and postal code or e-mail address."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import sql
from orderwerk.orders.normalise import normal_postal_code

_FIND = """
select o.id, lower(coalesce(o.customer_email, '')), o.billing_address ->> 'postal_code', o.delivery_address ->> 'postal_code'
from orders_order o join shops_shop s on s.id = o.shop_id
where (s.return_portal or s.withdrawal_portal) and (o.number = any(%s) or o.external_id = any(%s))
order by o.id desc limit 20
"""


@dataclass(frozen=True, slots=True)
class Guest:
    """What a guest typed: the number, and the proof that the order is theirs."""

    number: str
    proof: str


_NUMBERED = """
select o.id from orders_order o join shops_shop s on s.id = o.shop_id
where (s.return_portal or s.withdrawal_portal) and (o.number = any(%s) or o.external_id = any(%s))
order by coalesce(%s in (o.number, o.external_id), false) desc, o.id desc limit 1
"""


def plain_number(typed: str) -> str:
    """Return an order number without what people write around it; "" for what cannot be one."""
    return "" if "\x00" in typed else typed.strip().lstrip("#").strip()[:60]


def _spelt(number: str) -> list[str]:
    """Return a number as it was typed, and in large and small letters: a telephone begins each field with a large one."""
    return sorted({number, number.upper(), number.lower(), number.lower().capitalize()})


def numbered_order(number: str) -> list[UUID]:
    """Return the order of a number without any proof: for whoever writes to its own customer, not for showing it."""
    number = plain_number(number)
    spelt = _spelt(number)
    return [row[0] for row in sql.fetch(_NUMBERED, (spelt, spelt, number))] if number else []


def find_order(guest: Guest) -> UUID | None:
    """Return the order that number and proof agree on, None when there is none; one statement."""
    number = plain_number(guest.number)
    proof = guest.proof.strip()
    if not number or not proof:
        return None
    code = normal_postal_code(proof) or ""
    for key, email, *codes in sql.fetch(_FIND, (_spelt(number),) * 2):
        if "@" in proof:
            if _same(email, proof.lower()):
                return UUID(str(key))
        elif code and any(_same(normal_postal_code(known) or "", code) for known in codes):
            return UUID(str(key))
    return None


def _same(known: str, typed: str) -> bool:
    return bool(known) and hmac.compare_digest(known.encode(), typed.encode())

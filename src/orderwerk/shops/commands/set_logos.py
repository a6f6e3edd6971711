"""Sets the logo of shops, or takes it away."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.shops.events import SHOP_LOGO_SET
from orderwerk.shops.png import Picture, clean_png

_MOST_TEXT = 700_000
_NOTHING = Picture(b"", 0, 0)
_ADD = """
insert into shops_logo (id, shop_id, set_at, set_by, content, sha256, width, height)
select t.id, t.shop_id, %s, %s, t.content, t.sha256, t.width, t.height
from unnest(%s::uuid[], %s::uuid[], %s::bytea[], %s::bytea[], %s::int[], %s::int[]) as t(id, shop_id, content, sha256, width, height)
"""


class LogoItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shop's logo as a PNG in base64; empty: none any more."""

    shop: fields.Code
    png: Annotated[str, msgspec.Meta(max_length=_MOST_TEXT)]


def set_logos(items: Sequence[LogoItem], *, actor: Actor) -> list[Outcome]:
    """Set logos, from now on; papers that were issued before keep what they had.

    Refuses with NotFound, with BadInput (code `bad_picture`) what is no PNG, or too large (shops/png.py). Refuses with
    NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    # Taken apart before anything is locked.
    pictures = [_picture(item) for item in items]
    return retrying(lambda: _set(items, pictures, actor))


def _picture(item: LogoItem) -> Picture | Refusal:
    try:
        content = base64.b64decode(item.png, validate=True)
        return clean_png(content) if content else _NOTHING
    except Refusal as refusal:
        return refusal
    except (binascii.Error, ValueError):
        return BadInput("This is no base64.", code="bad_picture", pointer="/png")


def _set(
    items: Sequence[LogoItem], pictures: Sequence[Picture | Refusal], actor: Actor
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    rows: list[tuple[UUID, Picture]] = []
    with unit_of_work(actor) as unit:
        codes = sorted({item.shop for item in items})
        unit.lock_settings([("shop", code) for code in codes])
        shops: dict[str, UUID] = dict(
            sql.fetch("select code, id from shops_shop where code = any(%s)", (codes,))
        )
        for item, picture in zip(items, pictures, strict=True):
            shop_id = shops.get(item.shop)
            if shop_id is None or not actor.may_see_shop(shop_id):
                error = NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")  # fmt: skip
                outcomes.append(Outcome.refused(error))
                continue
            if isinstance(picture, Refusal):
                outcomes.append(Outcome.refused(picture))
                continue
            rows.append((shop_id, picture))
            subject = Subject("shop", shop_id, None, None, shop_id)
            unit.record(SHOP_LOGO_SET, subject, STILL, {"code": item.shop, "has_logo": picture is not _NOTHING})  # fmt: skip
            outcomes.append(Outcome.done(shop_id, shop=item.shop, bytes=len(picture.content)))
        taken = [picture for _, picture in rows]
        sql.execute(
            _ADD,
            (
                clock.now(), actor.name, ids.new_ids(len(rows)), [key for key, _ in rows], [p.content for p in taken],
                [hashlib.sha256(p.content).digest() for p in taken], [p.width for p in taken], [p.height for p in taken],
            ),
        )  # fmt: skip
    return outcomes

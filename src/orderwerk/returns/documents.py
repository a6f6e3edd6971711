"""The files that come with a claim: its pictures, in one ZIP."""

import io
import zipfile
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.typesetting import Document
from orderwerk.returns.claim_queries import claim_detail

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
# What was erased is a single byte.
_PICTURES = """
select position, media_type, content from returns_claim_photo where claim_id = %s and octet_length(content) > 1 order by position
"""


def claim_pictures(claim_id: UUID, *, actor: Actor) -> Document:
    """Return the pictures of a claim, `1.jpg` and so on; none of them: an empty ZIP. Refuses with NotFound."""
    claim = claim_detail(actor, claim_id)
    file = io.BytesIO()
    # A picture is packed already.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for position, kind, content in sql.read(_PICTURES, (claim.id,)):
            archive.writestr(f"{position}.{_ENDINGS[kind]}", bytes(content))
    return Document(f"{claim.number}.zip", file.getvalue())

"""The files that come with a claim: its pictures, in one ZIP."""

from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.typesetting import Document
from orderwerk.return_requests.pictures import zipped
from orderwerk.returns.claim_queries import claim_detail

# What was erased is a single byte.
_PICTURES = """
select position, media_type, content from returns_claim_photo where claim_id = %s and octet_length(content) > 1 order by position
"""


def claim_pictures(claim_id: UUID, *, actor: Actor) -> Document:
    """Return the pictures of a claim, `1.jpg` and so on; none of them: an empty ZIP. Refuses with NotFound."""
    claim = claim_detail(actor, claim_id)
    return Document(f"{claim.number}.zip", zipped(sql.read(_PICTURES, (claim.id,))))

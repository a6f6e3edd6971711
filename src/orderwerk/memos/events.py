"""What the history of memos tells."""

from orderwerk.core.events import declare

MEMO_CREATED = declare("memo.created", "A colleague left a note.", "memo_id", "mentioned")
MEMO_PINNED = declare(
    "memo.pinned", "A note stands on every tab of the order from now on.", "memo_id"
)
MEMO_UNPINNED = declare("memo.unpinned", "A note no longer stands on every tab.", "memo_id")
MENTION_SEEN = declare(
    "memo.mention_seen", "A colleague has seen a note that mentions him.", "memo_id"
)

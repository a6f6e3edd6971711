"""What the history of memos tells."""

from orderwerk.core.events import declare

MEMO_CREATED = declare("memo.created", "A colleague left a note.", "memo_id")

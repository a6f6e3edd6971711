"""Whom a memo spoke to stays; only that it was seen is added."""

from django.db import migrations

FORWARD = r"""
create trigger memos_mention_kept before delete or truncate on memos_mention
  for each statement execute function refuse_change();
create trigger memos_mention_frozen before update of id, memo_id, user_id on memos_mention
  for each row when (old.id is distinct from new.id or old.memo_id is distinct from new.memo_id or old.user_id is distinct from new.user_id)
  execute function refuse_frozen();
"""

class Migration(migrations.Migration):
    dependencies = [('memos', '0004_mentions')]
    operations = [migrations.RunSQL(FORWARD)]

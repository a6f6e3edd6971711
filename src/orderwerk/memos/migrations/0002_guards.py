"""A memo is never edited or deleted."""

from django.db import migrations

FORWARD = r"""
create trigger memos_memo_append_only before update or delete or truncate on memos_memo
  for each statement execute function refuse_change();
alter table memos_memo add constraint memos_memo_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table memos_memo add constraint memos_memo_clean_text check (is_clean_text(text) and is_clean_text(author_name) and length(text) <= 10000);
"""

class Migration(migrations.Migration):
    dependencies = [('memos', '0001_initial'), ('orders', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]

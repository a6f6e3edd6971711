"""A file for the bank and what stands in it never change."""

from django.db import migrations

COLUMNS = ('id', 'number', 'shop_id', 'created_at', 'created_by', 'transfers', 'total_minor', 'content', 'sha256')
CHANGED = ' or '.join(f'old.{c} is distinct from new.{c}' for c in COLUMNS)
FORWARD = rf"""
create sequence refunds_batch_number start 1001;
create trigger refunds_batch_kept before delete or truncate on refunds_batch
  for each statement execute function refuse_change();
create trigger refunds_batch_frozen before update of {', '.join(COLUMNS)} on refunds_batch
  for each row when ({CHANGED}) execute function refuse_frozen();
create trigger refunds_transfer_append_only before update or delete or truncate on refunds_transfer
  for each statement execute function refuse_change();
alter table refunds_batch add constraint refunds_batch_shop_fk foreign key (shop_id) references shops_shop (id);
alter table refunds_batch add constraint refunds_batch_hash check (sha256 = sha256(content));
alter table refunds_batch add constraint refunds_batch_clean_text check (is_clean_text(created_by) and is_clean_text(downloaded_by));
alter table refunds_refund add constraint refunds_refund_batch_fk foreign key (batch_id, shop_id) references refunds_batch (id, shop_id);
alter table refunds_refund add constraint refunds_refund_account_text check (
  is_clean_text(account_holder) and length(account_holder) <= 200 and account_iban ~ '^([A-Z]{{2}}[0-9]{{2}}[A-Z0-9]{{1,30}})?$');
"""

class Migration(migrations.Migration):
    dependencies = [('refunds', '0007_batches')]
    operations = [migrations.RunSQL(FORWARD)]

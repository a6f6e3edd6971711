"""A difference is what it was when it was found; only what became of it is written later."""

from django.db import migrations

COLUMNS = (
    'id', 'shop_id', 'account_id', 'kind', 'reference', 'payment_id', 'refund_id', 'currency', 'ours_minor', 'theirs_minor', 'ours',
    'theirs', 'happened_at', 'found_at',
)
CHANGED = ' or '.join(f'old.{c} is distinct from new.{c}' for c in COLUMNS)
FORWARD = rf"""
create trigger refunds_difference_status_start before insert on refunds_difference
  for each row execute function guard_status('open', '');
create trigger refunds_difference_status_moves before update of status on refunds_difference
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'open>explained,open>matched');
create trigger refunds_difference_kept before delete or truncate on refunds_difference
  for each statement execute function refuse_change();
create trigger refunds_difference_frozen before update of {', '.join(COLUMNS)} on refunds_difference
  for each row when ({CHANGED}) execute function refuse_frozen();
alter table refunds_difference add constraint refunds_difference_account_fk
  foreign key (account_id, shop_id) references payments_account (id, shop_id);
alter table refunds_reconciliation add constraint refunds_reconciliation_account_fk
  foreign key (account_id, shop_id) references payments_account (id, shop_id);
alter table refunds_difference add constraint refunds_difference_clean_text check (
  is_clean_text(reference) and is_clean_text(ours) and is_clean_text(theirs) and is_clean_text(note) and is_clean_text(resolved_by)
  and length(reference) <= 200 and length(ours) <= 300 and length(theirs) <= 300 and length(note) <= 500);
"""

class Migration(migrations.Migration):
    dependencies = [('refunds', '0005_differences')]
    operations = [migrations.RunSQL(FORWARD)]

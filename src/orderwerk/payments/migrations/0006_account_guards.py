"""An account keeps its shop and provider; what a provider calls a payment is clean text."""

from django.db import migrations

FORWARD = r"""
create trigger payments_account_kept before delete or truncate on payments_account
  for each statement execute function refuse_change();
create trigger payments_account_frozen before update of shop_id, provider on payments_account
  for each row when (old.shop_id is distinct from new.shop_id or old.provider is distinct from new.provider)
  execute function refuse_frozen();
alter table payments_account add constraint payments_account_clean_text check (
  is_clean_text(provider) and is_clean_text(check_note) and length(check_note) <= 300);
alter table payments_look add constraint payments_look_clean_text check (
  is_clean_text(reference) and is_clean_text(note) and length(reference) <= 200 and length(note) <= 300);
"""

class Migration(migrations.Migration):
    dependencies = [('payments', '0005_accounts')]
    operations = [migrations.RunSQL(FORWARD)]

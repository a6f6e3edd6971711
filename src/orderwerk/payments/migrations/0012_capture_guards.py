"""A capture keeps its payment, amount and order; its status follows the table; each attempt has a call of its own."""

from django.db import migrations

COLUMNS = ('id', 'shop_id', 'order_id', 'payment_id', 'currency', 'is_release', 'amount_minor', 'created_at')
CHANGED = ' or '.join(f'old.{c} is distinct from new.{c}' for c in COLUMNS)
FORWARD = rf"""
create trigger payments_capture_status_start before insert on payments_capture
  for each row execute function guard_status('submitted', '');
create trigger payments_capture_status_moves before update of status on payments_capture
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'failed>submitted,submitted>failed,submitted>succeeded');
create constraint trigger payments_capture_has_event after insert or update of version on payments_capture
  deferrable initially deferred for each row execute function require_event();
create trigger payments_capture_kept before delete or truncate on payments_capture
  for each statement execute function refuse_change();
create trigger payments_capture_frozen before update of {', '.join(COLUMNS)} on payments_capture
  for each row when ({CHANGED}) execute function refuse_frozen();
alter table payments_capture add constraint payments_capture_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table payments_capture add constraint payments_capture_of_its_payment
  foreign key (payment_id, shop_id, order_id, currency) references payments_payment (id, shop_id, order_id, currency);
alter table payments_capture add constraint payments_capture_effect_fk foreign key (effect_id) references core_effect (id);
alter table payments_capture add constraint payments_capture_clean_text check (
  is_clean_text(note) and is_clean_text(provider_reference) and length(note) <= 500 and length(provider_reference) <= 200);
"""

class Migration(migrations.Migration):
    dependencies = [('payments', '0011_captures')]
    operations = [migrations.RunSQL(FORWARD)]

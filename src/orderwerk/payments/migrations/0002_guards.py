"""A payment belongs to its order, shop and currency; its status follows the table."""

from django.db import migrations

FORWARD = r"""
create trigger payments_payment_status_start before insert on payments_payment
  for each row execute function guard_status('authorized,failed,paid,pending', '');
create trigger payments_payment_status_moves before update of status on payments_payment
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'authorized>failed,authorized>paid,failed>authorized,failed>paid,pending>authorized,pending>failed,pending>paid');

create constraint trigger payments_payment_has_event after insert or update of version on payments_payment
  deferrable initially deferred for each row execute function require_event();

create trigger payments_payment_kept before delete or truncate on payments_payment
  for each statement execute function refuse_change();
alter table payments_payment add constraint payments_payment_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table payments_payment add constraint payments_payment_currency_fk foreign key (order_id, currency) references orders_order (id, currency);

create trigger payments_payment_frozen before update of shop_id, order_id, currency, provider, reference, amount_minor on payments_payment
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.currency is distinct from new.currency or old.provider is distinct from new.provider or old.reference is distinct from new.reference or old.amount_minor is distinct from new.amount_minor)
  execute function refuse_frozen();
alter table payments_payment add constraint payments_payment_clean_text check (is_clean_text(provider) and is_clean_text(method) and is_clean_text(reference) and length(provider) <= 60 and length(method) <= 60 and length(reference) <= 200);
"""

class Migration(migrations.Migration):
    dependencies = [('payments', '0001_initial'), ('orders', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]

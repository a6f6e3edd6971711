"""A refund that has gone back, or came back, is a line of the ledger: exactly one each."""

from django.db import migrations

FORWARD = r"""
create function post_refunds() returns trigger language plpgsql as $$
begin
  insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor)
  select gen_random_uuid(), now(), n.shop_id, n.order_id, n.payment_id, n.currency, 'refund', n.id, 1, 'customer', 'provider', n.amount_minor
  from new_rows n join old_rows o on o.id = n.id where n.status = 'succeeded' and o.status <> 'succeeded';
  return null;
end $$;
create function post_reversals() returns trigger language plpgsql as $$
begin
  insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor)
  select gen_random_uuid(), n.at, n.shop_id, n.order_id, r.payment_id, n.currency, 'reversal', n.refund_id, 1, 'provider', 'customer', n.amount_minor
  from new_rows n join refunds_refund r on r.id = n.refund_id;
  return null;
end $$;
create trigger refunds_refund_posted after update on refunds_refund
  referencing old table as old_rows new table as new_rows for each statement execute function post_refunds();
create trigger refunds_reversal_posted after insert on refunds_reversal
  referencing new table as new_rows for each statement execute function post_reversals();

insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor)
select gen_random_uuid(), finished_at, shop_id, order_id, payment_id, currency, 'refund', id, 1, 'customer', 'provider', amount_minor
from refunds_refund where status = 'succeeded';
insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor)
select gen_random_uuid(), x.at, x.shop_id, x.order_id, r.payment_id, x.currency, 'reversal', x.refund_id, 1, 'provider', 'customer', x.amount_minor
from refunds_reversal x join refunds_refund r on r.id = x.refund_id;
"""

class Migration(migrations.Migration):
    dependencies = [('refunds', '0008_batch_guards'), ('payments', '0010_entry_guards')]
    operations = [migrations.RunSQL(FORWARD)]

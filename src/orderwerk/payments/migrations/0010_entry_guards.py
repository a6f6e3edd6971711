"""The ledger of money is written by what happens to payments, and is append-only."""

from django.db import migrations

FORWARD = r"""
create trigger payments_entry_append_only before update or delete or truncate on payments_entry
  for each statement execute function refuse_change();
alter table payments_entry add constraint payments_entry_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table payments_entry add constraint payments_entry_accounts check (
  debit in ('provider', 'customer', 'charge_backs') and credit in ('provider', 'customer', 'charge_backs'));

create function post_new_payments() returns trigger language plpgsql as $$
begin
  insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor)
  select gen_random_uuid(), now(), n.shop_id, n.order_id, n.id, n.currency, 'captured', n.id, n.version, 'provider', 'customer', n.captured_minor
  from new_rows n where n.captured_minor > 0;
  return null;
end $$;
create function post_payments() returns trigger language plpgsql as $$
begin
  insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor)
  select gen_random_uuid(), now(), n.shop_id, n.order_id, n.id, n.currency, t.kind, n.id, n.version,
    case when t.delta > 0 then t.up else t.down end, case when t.delta > 0 then t.down else t.up end, abs(t.delta)
  from new_rows n join old_rows o on o.id = n.id
  cross join lateral (values
    ('captured', n.captured_minor - o.captured_minor, 'provider', 'customer'),
    ('charge_back', n.charged_back_minor - o.charged_back_minor, 'charge_backs', 'provider')) as t(kind, delta, up, down)
  where t.delta <> 0;
  return null;
end $$;
create trigger payments_payment_posted after insert on payments_payment
  referencing new table as new_rows for each statement execute function post_new_payments();
create trigger payments_payment_reposted after update on payments_payment
  referencing old table as old_rows new table as new_rows for each statement execute function post_payments();

-- What came in before there was a ledger.
insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor)
select gen_random_uuid(), coalesce(received_at, created_at), shop_id, order_id, id, currency, 'captured', id, version, 'provider', 'customer', captured_minor
from payments_payment where captured_minor > 0;
insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor)
select gen_random_uuid(), created_at, shop_id, order_id, id, currency, 'charge_back', id, version, 'charge_backs', 'provider', charged_back_minor
from payments_payment where charged_back_minor > 0;
"""

class Migration(migrations.Migration):
    dependencies = [('payments', '0009_entries')]
    operations = [migrations.RunSQL(FORWARD)]

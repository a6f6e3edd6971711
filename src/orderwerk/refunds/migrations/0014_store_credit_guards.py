"""A store credit's balance follows its lines, which are append-only; what it pays is no money of a provider in the ledger."""

from django.db import migrations

FORWARD = r"""
create sequence refunds_store_credit_number start 1001;

create trigger refunds_credit_movement_append_only before update or delete or truncate on refunds_credit_movement
  for each statement execute function refuse_change();
create trigger refunds_store_credit_kept before delete or truncate on refunds_store_credit
  for each statement execute function refuse_change();
create trigger refunds_store_credit_frozen
  before update of id, number, code, shop_id, order_id, currency, refund_id, amount_minor, issued_at on refunds_store_credit
  for each row when (old.id is distinct from new.id or old.number is distinct from new.number or old.code is distinct from new.code or old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.currency is distinct from new.currency or old.refund_id is distinct from new.refund_id or old.amount_minor is distinct from new.amount_minor or old.issued_at is distinct from new.issued_at)
  execute function refuse_frozen();
create constraint trigger refunds_store_credit_has_event after insert or update of version on refunds_store_credit
  deferrable initially deferred for each row execute function require_event();

-- The lines write the balance: it cannot drift from them.
create function apply_credit_movements() returns trigger language plpgsql as $$
begin
  update refunds_store_credit c
  set remaining_minor = c.remaining_minor + t.delta, is_expired = t.expires or (c.is_expired and not t.revives)
  from (
    select store_credit_id, sum(delta_minor)::bigint as delta, bool_or(kind = 'expired') as expires, bool_or(delta_minor > 0) as revives
    from added group by store_credit_id) t
  where c.id = t.store_credit_id;
  return null;
end $$;
create trigger refunds_credit_movement_applies after insert on refunds_credit_movement
  referencing new table as added for each statement execute function apply_credit_movements();
create function refuse_direct_credit() returns trigger language plpgsql as $$
begin
  raise exception 'the balance of a store credit changes only through a line of it'
    using errcode = 'check_violation', constraint = 'refunds_store_credit_only_by_movement';
end $$;
create trigger refunds_store_credit_only_by_movement before update of remaining_minor, is_expired on refunds_store_credit
  for each row when (pg_trigger_depth() = 0 and (old.remaining_minor is distinct from new.remaining_minor or old.is_expired is distinct from new.is_expired))
  execute function refuse_direct_credit();
create trigger refunds_store_credit_starts_empty before insert on refunds_store_credit
  for each row when (new.remaining_minor <> 0 or new.is_expired) execute function refuse_direct_credit();

alter table refunds_store_credit add constraint refunds_store_credit_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table refunds_store_credit add constraint refunds_store_credit_refund_fk
  foreign key (refund_id, shop_id, order_id, currency) references refunds_refund (id, shop_id, order_id, currency);
alter table refunds_store_credit add constraint refunds_store_credit_words check (code ~ '^[0-9A-HJKMNP-TV-Z]{16}$' and is_clean_text(number) and length(number) <= 60);
alter table refunds_credit_movement add constraint refunds_credit_movement_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table refunds_credit_movement add constraint refunds_credit_movement_credit_fk
  foreign key (store_credit_id, shop_id, currency) references refunds_store_credit (id, shop_id, currency);
alter table refunds_credit_movement add constraint refunds_credit_movement_payment_fk
  foreign key (payment_id, shop_id, order_id, currency) references payments_payment (id, shop_id, order_id, currency);
alter table refunds_credit_movement add constraint refunds_credit_movement_refund_fk
  foreign key (refund_id, shop_id, order_id, currency) references refunds_refund (id, shop_id, order_id, currency);

-- What a store credit pays, and what becomes one, moves no money of a provider: it has an account of its own.
alter table payments_entry drop constraint payments_entry_accounts;
alter table payments_entry add constraint payments_entry_accounts check (
  debit in ('provider', 'customer', 'charge_backs', 'store_credit') and credit in ('provider', 'customer', 'charge_backs', 'store_credit')) not valid;
create function refund_account(via text) returns text language sql immutable as $$
  select case when via = 'store_credit' then 'store_credit' else 'provider' end
$$;
create or replace function post_refunds() returns trigger language plpgsql as $$
begin
  insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor)
  select gen_random_uuid(), now(), n.shop_id, n.order_id, n.payment_id, n.currency, 'refund', n.id, 1, 'customer', refund_account(n.via), n.amount_minor
  from new_rows n join old_rows o on o.id = n.id where n.status = 'succeeded' and o.status <> 'succeeded';
  return null;
end $$;
create or replace function post_new_payments() returns trigger language plpgsql as $$
begin
  insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor)
  select gen_random_uuid(), now(), n.shop_id, n.order_id, n.id, n.currency, 'captured', n.id, n.version, refund_account(n.provider), 'customer', n.captured_minor
  from new_rows n where n.captured_minor > 0;
  return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [('refunds', '0013_store_credits'), ('payments', '0010_entry_guards'), ('core', '0003_guards')]
    operations = [
        migrations.RunSQL(FORWARD),
    ]

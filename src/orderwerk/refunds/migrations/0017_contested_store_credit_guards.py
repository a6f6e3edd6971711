"""Whether a store credit is contested follows the payment behind it, under the credit's own lock; while it is, nothing is paid with it.

A charge back locks the credits that stem from its payment, as spending does: whoever comes second sees what the first did.
"""

from django.db import migrations

FORWARD = r"""
-- What was charged back before there was this rule.
update refunds_store_credit c set is_contested = true from refunds_refund r join payments_payment p on p.id = r.payment_id
where r.id = c.refund_id and p.charged_back_minor > 0;

create or replace function apply_credit_movements() returns trigger language plpgsql as $$
begin
  update refunds_store_credit c
  set remaining_minor = c.remaining_minor + t.delta, is_expired = t.ends or (c.is_expired and not t.revives)
  from (
    select store_credit_id, sum(delta_minor)::bigint as delta, bool_or(kind in ('expired', 'stopped')) as ends,
      bool_or(delta_minor > 0) as revives
    from added group by store_credit_id) t
  where c.id = t.store_credit_id;
  -- After the update, which has waited for a charge back that was on its way.
  if exists (select 1 from added a join refunds_store_credit c on c.id = a.store_credit_id where a.kind = 'used' and c.is_contested) then
    raise exception 'the money behind a store credit that was spent is charged back'
      using errcode = 'check_violation', constraint = 'refunds_store_credit_contested_unspent';
  end if;
  return null;
end $$;

create function refuse_direct_contest() returns trigger language plpgsql as $$
begin
  raise exception 'whether a store credit is contested follows the payment behind it'
    using errcode = 'check_violation', constraint = 'refunds_store_credit_only_by_payment';
end $$;
create trigger refunds_store_credit_only_by_payment before update of is_contested on refunds_store_credit
  for each row when (pg_trigger_depth() = 0 and old.is_contested is distinct from new.is_contested)
  execute function refuse_direct_contest();

create function contest_store_credits() returns trigger language plpgsql as $$
begin
  -- In the order in which everybody locks them.
  perform 1 from refunds_store_credit c join refunds_refund r on r.id = c.refund_id
  where r.payment_id = new.id order by c.id for no key update of c;
  update refunds_store_credit c set is_contested = new.charged_back_minor > 0 from refunds_refund r
  where r.id = c.refund_id and r.payment_id = new.id and c.is_contested <> (new.charged_back_minor > 0);
  return null;
end $$;
create trigger refunds_payment_contests after update of charged_back_minor on payments_payment
  for each row when (old.charged_back_minor is distinct from new.charged_back_minor) execute function contest_store_credits();

create function start_contested() returns trigger language plpgsql as $$
begin
  new.is_contested := exists (
    select 1 from refunds_refund r join payments_payment p on p.id = r.payment_id where r.id = new.refund_id and p.charged_back_minor > 0);
  return new;
end $$;
create trigger refunds_store_credit_starts_contested before insert on refunds_store_credit
  for each row execute function start_contested();
"""


class Migration(migrations.Migration):
    dependencies = [('refunds', '0016_contested_store_credits'), ('payments', '0014_newest_entries')]
    operations = [migrations.RunSQL(FORWARD)]

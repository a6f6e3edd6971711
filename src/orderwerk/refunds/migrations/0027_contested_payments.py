"""A charge back follows its money: into what an exchange paid, what a store credit paid, and the store credits that came of those.

Whether a payment is contested follows the one that its money came from, as it does for store credits.
"""

from django.db import migrations

FORWARD = r"""
-- No charge back comes between what is looked at here and the trigger that follows the next ones.
lock table payments_payment in share row exclusive mode;
-- What was charged back before there was this rule.
alter table refunds_store_credit disable trigger refunds_store_credit_only_by_payment;
do $$
begin
  loop
    update payments_payment t set is_contested = true
    where t.provider in ('orderwerk', 'store_credit') and not t.is_contested and (
      exists (select 1 from refunds_refund r join payments_payment p on p.id = r.payment_id
        where r.shop_id = t.shop_id and r.via = 'exchange' and r.provider_reference = t.reference and t.provider = 'orderwerk'
          and (p.charged_back_minor > 0 or p.is_contested))
      or exists (select 1 from refunds_credit_movement m join refunds_store_credit c on c.id = m.store_credit_id
        where m.payment_id = t.id and m.kind = 'used' and c.is_contested));
    exit when not found;
    update refunds_store_credit c set is_contested = true from refunds_refund r join payments_payment p on p.id = r.payment_id
    where r.id = c.refund_id and p.is_contested and not c.is_contested;
  end loop;
end $$;
alter table refunds_store_credit enable trigger refunds_store_credit_only_by_payment;

create function refuse_direct_payment_contest() returns trigger language plpgsql as $$
begin
  raise exception 'whether a payment is contested follows the payment that its money came from'
    using errcode = 'check_violation', constraint = 'refunds_payment_contested_only_by_payment';
end $$;
create trigger refunds_payment_contested_only_by_payment before update of is_contested on payments_payment
  for each row when (pg_trigger_depth() = 0 and old.is_contested is distinct from new.is_contested)
  execute function refuse_direct_payment_contest();

create or replace function contest_store_credits() returns trigger language plpgsql as $$
declare
  away boolean := new.charged_back_minor > 0 or new.is_contested;
begin
  -- In the order in which everybody locks them.
  perform 1 from refunds_store_credit c join refunds_refund r on r.id = c.refund_id
  where r.payment_id = new.id order by c.id for no key update of c;
  update refunds_store_credit c set is_contested = away from refunds_refund r
  where r.id = c.refund_id and r.payment_id = new.id and c.is_contested <> away;
  -- And what it paid since: with such a credit, or as the new order of an exchange. Of those this trigger fires again.
  update payments_payment t set is_contested = away where t.is_contested <> away and t.id in (
    select m.payment_id from refunds_refund r join refunds_store_credit c on c.refund_id = r.id
    join refunds_credit_movement m on m.store_credit_id = c.id and m.kind = 'used' where r.payment_id = new.id
    union all
    select x.id from refunds_refund r
    join payments_payment x on x.shop_id = r.shop_id and x.provider = 'orderwerk' and x.reference = r.provider_reference
    where r.payment_id = new.id and r.via = 'exchange');
  return null;
end $$;
create or replace trigger refunds_payment_contests after update of charged_back_minor, is_contested on payments_payment
  for each row when ((old.charged_back_minor > 0 or old.is_contested) is distinct from (new.charged_back_minor > 0 or new.is_contested))
  execute function contest_store_credits();

create or replace function start_contested() returns trigger language plpgsql as $$
begin
  -- Until a charge back that is being written now is known.
  perform 1 from refunds_refund r join payments_payment p on p.id = r.payment_id where r.id = new.refund_id for no key update of p;
  new.is_contested := exists (
    select 1 from refunds_refund r join payments_payment p on p.id = r.payment_id
    where r.id = new.refund_id and (p.charged_back_minor > 0 or p.is_contested));
  return new;
end $$;

create function pass_contest() returns trigger language plpgsql as $$
begin
  update payments_payment t set is_contested = true from payments_payment p
  where p.id = new.payment_id and (p.charged_back_minor > 0 or p.is_contested)
    and t.shop_id = new.shop_id and t.provider = 'orderwerk' and t.reference = new.provider_reference and not t.is_contested;
  return null;
end $$;
create trigger refunds_refund_passes_contest after update of status on refunds_refund
  for each row when (new.via = 'exchange' and new.status = 'succeeded' and old.status <> 'succeeded') execute function pass_contest();
"""


class Migration(migrations.Migration):
    dependencies = [('refunds', '0026_paid_of_a_day_checked'), ('payments', '0017_contested')]
    operations = [migrations.RunSQL(FORWARD)]

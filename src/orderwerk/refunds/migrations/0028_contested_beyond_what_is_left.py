"""Money that is still there is not contested: only what was handed on beyond what the bank has left, or out of contested money.

What is handed on is what has gone back of a payment: by a provider, by hand, as a store credit, into an exchange.
"""

from django.db import migrations

FORWARD = r"""
-- No charge back comes between what is looked at here and the trigger that follows the next ones.
lock table payments_payment in share row exclusive mode;

create or replace function contest_store_credits() returns trigger language plpgsql as $$
declare
  away boolean := new.is_contested or new.captured_minor - new.charged_back_minor < new.refunded_minor;
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
create or replace trigger refunds_payment_contests
  after update of captured_minor, charged_back_minor, refunded_minor, is_contested on payments_payment
  for each row when ((old.is_contested or old.captured_minor - old.charged_back_minor < old.refunded_minor)
    is distinct from (new.is_contested or new.captured_minor - new.charged_back_minor < new.refunded_minor))
  execute function contest_store_credits();

create or replace function start_contested() returns trigger language plpgsql as $$
begin
  -- Until a charge back that is being written now is known.
  perform 1 from refunds_refund r join payments_payment p on p.id = r.payment_id where r.id = new.refund_id for no key update of p;
  new.is_contested := exists (
    select 1 from refunds_refund r join payments_payment p on p.id = r.payment_id
    where r.id = new.refund_id and (p.is_contested or p.captured_minor - p.charged_back_minor < p.refunded_minor));
  return new;
end $$;

create or replace function pass_contest() returns trigger language plpgsql as $$
begin
  update payments_payment t set is_contested = true from payments_payment p
  where p.id = new.payment_id and (p.is_contested or p.captured_minor - p.charged_back_minor < p.refunded_minor)
    and t.shop_id = new.shop_id and t.provider = 'orderwerk' and t.reference = new.provider_reference and not t.is_contested;
  return null;
end $$;

-- What was contested by the old rule: from the beginning, along the way of the money.
alter table refunds_store_credit disable trigger refunds_store_credit_only_by_payment;
alter table payments_payment disable trigger refunds_payment_contested_only_by_payment;
alter table payments_payment disable trigger refunds_payment_contests;
update refunds_store_credit set is_contested = false where is_contested;
update payments_payment set is_contested = false where is_contested;
do $$
begin
  loop
    update refunds_store_credit c set is_contested = true from refunds_refund r join payments_payment p on p.id = r.payment_id
    where r.id = c.refund_id and not c.is_contested
      and (p.is_contested or p.captured_minor - p.charged_back_minor < p.refunded_minor);
    update payments_payment t set is_contested = true
    where t.provider in ('orderwerk', 'store_credit') and not t.is_contested and (
      exists (select 1 from refunds_refund r join payments_payment p on p.id = r.payment_id
        where r.shop_id = t.shop_id and r.via = 'exchange' and r.provider_reference = t.reference and t.provider = 'orderwerk'
          and (p.is_contested or p.captured_minor - p.charged_back_minor < p.refunded_minor))
      or exists (select 1 from refunds_credit_movement m join refunds_store_credit c on c.id = m.store_credit_id
        where m.payment_id = t.id and m.kind = 'used' and c.is_contested));
    exit when not found;
  end loop;
end $$;
alter table payments_payment enable trigger refunds_payment_contests;
alter table payments_payment enable trigger refunds_payment_contested_only_by_payment;
alter table refunds_store_credit enable trigger refunds_store_credit_only_by_payment;
"""


class Migration(migrations.Migration):
    dependencies = [('refunds', '0027_contested_payments')]
    operations = [migrations.RunSQL(FORWARD)]

"""After the term of the law names and accounts go from files for the bank, and nothing else: the database itself looks at both."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

FROZEN = ('id', 'number', 'shop_id', 'created_at', 'created_by', 'transfers', 'total_minor', 'sha256')
FORWARD = rf"""
-- What stays of a file: the payer, the numbers of refunds and orders, all amounts.
create function refunds_blanked(content bytea) returns bytea language sql immutable as $$
  select convert_to(regexp_replace(regexp_replace(convert_from(content, 'UTF8'),
    '(<Cdtr>\s*<Nm>)[^<]*', '\1-', 'g'), '(<CdtrAcct>\s*<Id>\s*<IBAN>)[^<]*', '\1', 'g'), 'UTF8')
$$;

-- The first day on which it need not be kept any more: as long as the documents that were paid back with it.
create function refunds_kept_until(made timestamptz, timezone text, legal jsonb, years int) returns date language sql stable as $$
  select make_date(extract(year from made at time zone timezone)::int + 1 + greatest(years, invoices_fewest_years(legal ->> 'country'),
    case when legal ->> 'one_stop_shop' = 'true' then 10 else 0 end), 1, 1)
$$;

create function refunds_guard_blanking() returns trigger language plpgsql as $$
declare until date; today date;
begin
  if old.blanked_at is not null or new.blanked_at is null or new.content is distinct from refunds_blanked(old.content) then
    raise exception 'what was agreed in refunds_batch never changes'
      using errcode = 'check_violation', constraint = 'refunds_batch_frozen';
  end if;
  select refunds_kept_until(old.created_at, s.timezone, s.legal, s.fiscal_years), (now() at time zone s.timezone)::date into until, today
    from shops_shop s where s.id = old.shop_id;
  if today < until then
    raise exception 'file % is kept until %', old.number, until
      using errcode = 'check_violation', constraint = 'refunds_batch_term';
  end if;
  return new;
end $$;

drop trigger refunds_batch_frozen on refunds_batch;
create trigger refunds_batch_frozen before update of {', '.join(FROZEN)} on refunds_batch
  for each row when ({' or '.join(f'old.{c} is distinct from new.{c}' for c in FROZEN)}) execute function refuse_frozen();
create trigger refunds_batch_blanking before update of content, blanked_at on refunds_batch
  for each row when (old.content is distinct from new.content or old.blanked_at is distinct from new.blanked_at)
  execute function refunds_guard_blanking();
alter table refunds_batch drop constraint refunds_batch_hash;
alter table refunds_batch add constraint refunds_batch_hash check (blanked_at is not null or sha256 = sha256(content)) not valid;
"""


class Migration(migrations.Migration):
    dependencies = [
        ('refunds', '0028_contested_beyond_what_is_left'),
        ('invoices', '0006_terms_by_country'),
        ('shops', '0014_fiscal_years_checked'),
    ]
    operations = [
        migrations.AddField(
            model_name='batch',
            name='blanked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(FORWARD),
        # A refund that was transferred keeps no account once its order is erased; until now such an order could not be.
        migrations.RemoveConstraint(
            model_name='refund',
            name='refunds_refund_in_a_batch_by_hand',
        ),
        AddConstraintNotValid(
            model_name='refund',
            constraint=models.CheckConstraint(
                condition=Q(batch__isnull=True) | Q(Q(via='manual'), ~Q(account_iban='') | ~Q(status='submitted')),
                name='refunds_refund_in_a_batch_by_hand',
            ),
        ),
    ]

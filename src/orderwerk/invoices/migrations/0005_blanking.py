"""After the term of the law name and address go from documents, and nothing else: the database itself looks at both."""

from django.db import migrations, models

FROZEN = (
    'id', 'shop_id', 'order_id', 'currency', 'kind', 'trigger_key', 'series_id', 'sequence', 'number', 'issue_date', 'issued_at',
    'issued_by_kind', 'issued_by_id', 'issued_by_name', 'prices_include_tax', 'net_minor', 'tax_minor', 'gross_minor', 'shipment_id',
    'debit_id', 'debit_kind', 'return_id', 'cause', 'prev_hash', 'hash',
)
FORWARD = rf"""
create function invoices_nobody(address jsonb) returns jsonb language sql immutable as $$
  select jsonb_build_object('name', '', 'street', '', 'house_number', null, 'postal_code', null, 'city', '', 'country', address ->> 'country')
$$;

-- What stays of a document: all figures, what was sold, who sold it, and to which country.
create function invoices_blanked(content text) returns text language sql immutable as $$
  select (c || jsonb_build_object(
      'buyer', jsonb_build_object('name', '', 'company', null, 'email', null, 'vat_number', null, 'external_id', null,
        'address', invoices_nobody(c #> '{{buyer,address}}')),
      'delivery_address', invoices_nobody(c -> 'delivery_address'))
    -- An amount without goods bears the words of its reason.
    || case when c ? 'reason' then jsonb_build_object('reason', '', 'lines', (
      select jsonb_agg(case when l ->> 'name' = c ->> 'reason' then l || '{{"name": ""}}' else l end order by n)
      from jsonb_array_elements(c -> 'lines') with ordinality as x(l, n))) else '{{}}' end)::text
  from (select content::jsonb as c) t
$$;

-- The first day on which it need not be kept any more. Of what is declared through the one-stop shop: ten years, article 369k.
create function invoices_kept_until(issue_date date, content text, years int) returns date language sql immutable as $$
  select make_date(extract(year from issue_date)::int + 1 + greatest(years, case when content::jsonb ? 'one_stop' then 10 else 0 end), 1, 1)
$$;

create function invoices_guard_blanking() returns trigger language plpgsql as $$
declare until date; today date;
begin
  if old.blanked_at is not null or new.blanked_at is null or new.reason <> ''
     or new.content is distinct from invoices_blanked(old.content) then
    raise exception 'what was agreed in invoices_invoice never changes'
      using errcode = 'check_violation', constraint = 'invoices_invoice_frozen';
  end if;
  select invoices_kept_until(old.issue_date, old.content, s.fiscal_years), (now() at time zone s.timezone)::date into until, today
    from shops_shop s where s.id = old.shop_id;
  if today < until then
    raise exception 'invoice % is kept until %', old.number, until
      using errcode = 'check_violation', constraint = 'invoices_invoice_term';
  end if;
  return new;
end $$;

create function invoices_guard_document() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from invoices_invoice v where v.id = old.invoice_id and v.blanked_at is not null) then
    raise exception 'invoices_document is append-only: % refused', tg_op
      using errcode = 'check_violation', constraint = 'invoices_document_append_only';
  end if;
  return old;
end $$;

drop trigger invoices_invoice_frozen on invoices_invoice;
create trigger invoices_invoice_frozen before update of {', '.join(FROZEN)} on invoices_invoice
  for each row when ({' or '.join(f'old.{c} is distinct from new.{c}' for c in FROZEN)}) execute function refuse_frozen();
create trigger invoices_invoice_blanking before update of content, reason, blanked_at on invoices_invoice
  for each row when (old.content is distinct from new.content or old.reason is distinct from new.reason
    or old.blanked_at is distinct from new.blanked_at) execute function invoices_guard_blanking();
drop trigger invoices_document_append_only on invoices_document;
create trigger invoices_document_append_only before update or truncate on invoices_document
  for each statement execute function refuse_change();
create trigger invoices_document_kept before delete on invoices_document
  for each row execute function invoices_guard_document();
"""


class Migration(migrations.Migration):
    dependencies = [('invoices', '0004_return_worth'), ('shops', '0013_fiscal_years')]
    operations = [
        migrations.AddField(
            model_name='invoice',
            name='blanked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(FORWARD),
    ]

"""An issued document never changes and never goes; a credit belongs to one debit of the same order; sums are whole."""

from django.db import migrations


def _frozen(table, columns):
    changed = " or ".join(f"old.{c} is distinct from new.{c}" for c in columns)
    return f"""
create trigger {table}_frozen before update of {', '.join(columns)} on {table}
  for each row when ({changed}) execute function refuse_frozen();
create trigger {table}_kept before delete or truncate on {table}
  for each statement execute function refuse_change();
alter table {table} add constraint {table}_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
"""


INVOICE = (
    'id', 'shop_id', 'order_id', 'currency', 'kind', 'trigger_key', 'series_id', 'sequence', 'number', 'issue_date', 'issued_at',
    'issued_by_kind', 'issued_by_id', 'issued_by_name', 'prices_include_tax', 'net_minor', 'tax_minor', 'gross_minor', 'shipment_id',
    'debit_id', 'debit_kind', 'return_id', 'cause', 'reason', 'content', 'prev_hash', 'hash',
)
LINE = (
    'id', 'shop_id', 'order_id', 'invoice_id', 'position', 'order_line_id', 'debit_line_id', 'quantity', 'tax_category', 'tax_rate',
    'base_minor', 'net_minor', 'tax_minor', 'gross_minor',
)
TAX = ('id', 'shop_id', 'order_id', 'invoice_id', 'tax_category', 'tax_rate', 'net_minor', 'tax_minor')
FORWARD = _frozen('invoices_invoice', INVOICE) + _frozen('invoices_line', LINE) + _frozen('invoices_tax', TAX) + r"""
alter table invoices_invoice add constraint invoices_invoice_currency_fk foreign key (order_id, currency) references orders_order (id, currency);
alter table invoices_invoice add constraint invoices_invoice_debit_fk
  foreign key (debit_id, debit_kind, shop_id, order_id, currency) references invoices_invoice (id, kind, shop_id, order_id, currency);
alter table invoices_line add constraint invoices_line_order_line_fk
  foreign key (order_id, shop_id, order_line_id) references orders_line (order_id, shop_id, id);
alter table invoices_invoice add constraint invoices_invoice_hashes check (length(hash) = 32 and length(prev_hash) = 32);
alter table invoices_invoice add constraint invoices_invoice_clean_text check (
  is_clean_text(number) and is_clean_text(reason) and is_clean_text(issued_by_name) and is_clean_text(content)
  and length(reason) <= 500 and length(number) <= 100);

-- Lines and taxes are written before the number is taken, so they point ahead until the end of the transaction.
alter table invoices_line add constraint invoices_line_invoice_fk foreign key (invoice_id) references invoices_invoice (id)
  deferrable initially deferred;
alter table invoices_tax add constraint invoices_tax_invoice_fk foreign key (invoice_id) references invoices_invoice (id)
  deferrable initially deferred;

create constraint trigger invoices_invoice_has_event after insert or update of version on invoices_invoice
  deferrable initially deferred for each row execute function require_event();

create function invoices_check_sums() returns trigger language plpgsql as $$
declare l record; t record;
begin
  select coalesce(sum(net_minor), 0) as net, coalesce(sum(tax_minor), 0) as tax into l from invoices_line where invoice_id = new.id;
  select coalesce(sum(net_minor), 0) as net, coalesce(sum(tax_minor), 0) as tax into t from invoices_tax where invoice_id = new.id;
  if (l.net, l.tax) is distinct from (new.net_minor::numeric, new.tax_minor::numeric)
     or (t.net, t.tax) is distinct from (new.net_minor::numeric, new.tax_minor::numeric) then
    raise exception 'invoice % is not the sum of its lines and rates', new.number
      using errcode = 'check_violation', constraint = 'invoices_invoice_sums';
  end if;
  return null;
end $$;
create constraint trigger invoices_invoice_sums after insert on invoices_invoice
  deferrable initially deferred for each row execute function invoices_check_sums();
create index invoices_line_of_invoice on invoices_line (invoice_id) include (net_minor, tax_minor);
"""

class Migration(migrations.Migration):
    dependencies = [('invoices', '0001_initial'), ('core', '0005_series_guards'), ('orders', '0006_refundable'), ('shipments', '0003_read_indexes')]
    operations = [migrations.RunSQL(FORWARD)]

"""A return is credited for at most what its pieces were sold for, to the cent that does not divide."""

from django.db import migrations

FORWARD = r"""
create function invoices_check_return_worth() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from invoices_invoice v join invoices_line d on d.id = new.debit_line_id
    where v.id = new.invoice_id and v.return_id is not null
      and (new.base_minor - 1)::numeric * d.quantity >= d.base_minor::numeric * new.quantity) then
    raise exception 'a return is credited for at most what its pieces were sold for'
      using errcode = 'check_violation', constraint = 'invoices_line_return_worth';
  end if;
  return new;
end $$;
create constraint trigger invoices_line_return_worth after insert on invoices_line deferrable initially deferred
  for each row when (new.debit_line_id is not null and new.order_line_id is not null) execute function invoices_check_return_worth();
"""


class Migration(migrations.Migration):
    dependencies = [
        ('invoices', '0003_documents'),
    ]

    operations = [
        migrations.RunSQL(FORWARD),
    ]

"""What a gift's return gives never becomes money, whoever asks for it: the buyer's payment gets nothing of it back.

Which return a credit invoice belongs to, which request a return, and whether that is a gift's never change: no lock is needed.
"""

from django.db import migrations

FORWARD = r"""
create function refuse_gift_money() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from invoices_invoice v join returns_return b on b.id = v.return_id join return_requests_request q on q.id = b.request_id
    where v.id = new.credit_id and q.is_gift) then
    raise exception 'the return of a gift gives store credit to whoever received it, and no money'
      using errcode = 'check_violation', constraint = 'refunds_refund_gift';
  end if;
  return new;
end $$;
create trigger refunds_refund_gift before insert or update of as_store_credit, via on refunds_refund
  for each row when (not new.as_store_credit or new.via not in ('', 'store_credit')) execute function refuse_gift_money();
"""


class Migration(migrations.Migration):
    dependencies = [
        ('refunds', '0023_reversal_of_order'),
        ('return_requests', '0020_gifts'),
        ('returns', '0015_once_of_request'),
        ('invoices', '0003_documents'),
    ]
    operations = [migrations.RunSQL(FORWARD)]

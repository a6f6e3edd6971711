"""Of a return request comes one claim at most that ends it: its goods are kept, or here for repair."""

from django.db import migrations

FORWARD = r"""
-- Under the lock of the order, which whoever ends a request takes; found by the order.
create function returns_check_claim_once() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from returns_claim c where c.order_id = new.order_id and c.request_id = new.request_id and c.id <> new.id
      and c.kind in ('kept', 'repair')) then
    raise exception 'a return request is kept or taken in for repair once'
      using errcode = 'check_violation', constraint = 'returns_claim_once_of_request';
  end if;
  return new;
end $$;
create trigger returns_claim_once_of_request before insert or update of kind, request_id, order_id on returns_claim
  for each row when (new.request_id is not null and new.kind in ('kept', 'repair')) execute function returns_check_claim_once();
"""


class Migration(migrations.Migration):
    dependencies = [
        ('returns', '0014_repair_checked'),
    ]

    operations = [
        migrations.RunSQL(FORWARD),
    ]

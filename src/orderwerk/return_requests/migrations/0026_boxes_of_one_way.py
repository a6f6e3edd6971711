"""What travels in one box comes back one way, and to one place."""

from django.db import migrations

FORWARD = r"""
-- Where nobody chose, it comes as with the label: as the shop tells.
create function return_requests_goes(way text, bring_to uuid) returns text language sql immutable parallel safe
  return case when way = '' then 'label' else way end || coalesce(':' || bring_to::text, '');

create or replace function return_requests_check_box() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from return_requests_request h join orders_order a on a.id = h.order_id join orders_order b on b.id = new.order_id
    where h.id = new.in_box_of_id and h.id <> new.id and h.shop_id = new.shop_id and h.in_box_of_id is null
      and return_requests_goes(h.way, h.bring_to_id) = return_requests_goes(new.way, new.bring_to_id)
      and (a.id = b.id or a.customer_email = b.customer_email or a.customer_external_id = b.customer_external_id))
    or exists (select 1 from return_requests_request m where m.in_box_of_id = new.id and m.status in ('requested', 'approved')) then
    raise exception 'a box is that of one request of the same customer, and goes one way'
      using errcode = 'check_violation', constraint = 'return_requests_request_box';
  end if;
  return new;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0025_policy_version_checked'),
    ]

    operations = [
        migrations.RunSQL(FORWARD),
    ]

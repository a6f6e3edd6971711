"""Requests of one customer may travel in one box: the others lie in the box of one that lies in none."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
alter table return_requests_request add constraint return_requests_request_box_fk
  foreign key (in_box_of_id) references return_requests_request (id) not valid;

-- Under the lock of both orders, which whoever boxes takes.
create function return_requests_check_box() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from return_requests_request h join orders_order a on a.id = h.order_id join orders_order b on b.id = new.order_id
    where h.id = new.in_box_of_id and h.id <> new.id and h.shop_id = new.shop_id and h.in_box_of_id is null
      and (a.id = b.id or a.customer_email = b.customer_email or a.customer_external_id = b.customer_external_id))
    or exists (select 1 from return_requests_request m where m.in_box_of_id = new.id) then
    raise exception 'a box is that of one request of the same customer'
      using errcode = 'check_violation', constraint = 'return_requests_request_box';
  end if;
  return new;
end $$;
create trigger return_requests_request_box before insert or update of in_box_of_id on return_requests_request
  for each row when (new.in_box_of_id is not null) execute function return_requests_check_box();
"""


class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0018_collect_index'),
        ('return_requests', '0011_repair_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='returnrequest',
            name='in_box_of',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='return_requests.returnrequest'),
        ),
        migrations.RunSQL(FORWARD),
    ]

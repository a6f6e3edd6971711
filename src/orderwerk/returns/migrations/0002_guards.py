"""What came back is written once; a line's fate is decided once; all of one shop and order."""

from django.db import migrations

FORWARD = r"""create sequence returns_number start 1001;

create trigger returns_return_status_start before insert on returns_return
  for each row execute function guard_status('processed,to_inspect', '');
create trigger returns_return_status_moves before update of status on returns_return
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'to_inspect>processed');
create constraint trigger returns_return_has_event after insert or update of version on returns_return
  deferrable initially deferred for each row execute function require_event();
create trigger returns_return_kept before delete or truncate on returns_return
  for each statement execute function refuse_change();
create trigger returns_line_kept before delete or truncate on returns_line
  for each statement execute function refuse_change();
create trigger returns_return_frozen before update of shop_id, order_id, request_id, number, created_at, refund_shipping on returns_return
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.request_id is distinct from new.request_id or old.number is distinct from new.number or old.created_at is distinct from new.created_at or old.refund_shipping is distinct from new.refund_shipping)
  execute function refuse_frozen();
create trigger returns_line_frozen before update of shop_id, order_id, parent_id, order_line_id, position, quantity, reason_id, correction_minor on returns_line
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.parent_id is distinct from new.parent_id or old.order_line_id is distinct from new.order_line_id or old.position is distinct from new.position or old.quantity is distinct from new.quantity or old.reason_id is distinct from new.reason_id or old.correction_minor is distinct from new.correction_minor)
  execute function refuse_frozen();
create trigger returns_line_decided_once before update of disposition on returns_line
  for each row when (old.disposition is not null and old.disposition is distinct from new.disposition)
  execute function refuse_frozen();

alter table returns_return add constraint returns_return_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table returns_return add constraint returns_return_request_fk foreign key (order_id, shop_id, request_id) references return_requests_request (order_id, shop_id, id);
alter table returns_line add constraint returns_line_return_fk foreign key (order_id, shop_id, parent_id) references returns_return (order_id, shop_id, id);
alter table returns_line add constraint returns_line_line_fk foreign key (order_id, shop_id, order_line_id) references orders_line (order_id, shop_id, id);
alter table returns_return add constraint returns_return_clean_text check (is_clean_text(comment) and is_clean_text(processed_by) and is_clean_text(number) and length(comment) <= 5000 and length(number) <= 60);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("returns", "0001_initial"),
        ("return_requests", "0002_guards"),
        ("stock", "0007_returned"),
        ("orders", "0003_guards"),
    ]
    operations = [migrations.RunSQL(FORWARD)]

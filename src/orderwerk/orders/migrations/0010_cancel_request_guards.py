"""A cancel request is decided once, belongs to its order and lines, and what was asked never changes."""

from django.db import migrations

FORWARD = r"""
create trigger orders_cancel_request_status_start before insert on orders_cancel_request
  for each row execute function guard_status('requested', '');
create trigger orders_cancel_request_status_moves before update of status on orders_cancel_request
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'requested>accepted,requested>rejected');
create constraint trigger orders_cancel_request_has_event after insert or update of version on orders_cancel_request
  deferrable initially deferred for each row execute function require_event();
create trigger orders_cancel_request_kept before delete or truncate on orders_cancel_request
  for each statement execute function refuse_change();
create trigger orders_cancel_request_frozen before update of shop_id, order_id, reason, requested_by, created_at on orders_cancel_request
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.reason is distinct from new.reason or old.requested_by is distinct from new.requested_by or old.created_at is distinct from new.created_at)
  execute function refuse_frozen();
create trigger orders_cancel_request_line_append_only before update or delete or truncate on orders_cancel_request_line
  for each statement execute function refuse_change();
alter table orders_cancel_request add constraint orders_cancel_request_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table orders_cancel_request_line add constraint orders_cancel_request_line_request_fk foreign key (order_id, shop_id, cancel_request_id) references orders_cancel_request (order_id, shop_id, id);
alter table orders_cancel_request_line add constraint orders_cancel_request_line_line_fk foreign key (order_id, shop_id, order_line_id) references orders_line (order_id, shop_id, id);
alter table orders_cancel_request add constraint orders_cancel_request_clean_text check (is_clean_text(reason) and is_clean_text(requested_by) and is_clean_text(decided_by) and is_clean_text(note) and length(reason) <= 500 and length(note) <= 500);
"""


class Migration(migrations.Migration):
    dependencies = [('orders', '0009_cancel_requests_and_expiry'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]

"""A request shares shop and order with its lines; an event per version, legal moves only; what was announced stays."""

from django.db import migrations

FORWARD = r"""create sequence return_requests_number start 1001;

create trigger return_requests_request_status_start before insert on return_requests_request
  for each row execute function guard_status('approved,requested', '');
create trigger return_requests_request_status_moves before update of status on return_requests_request
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'approved>cancelled,approved>completed,approved>rejected,requested>approved,requested>cancelled,requested>completed,requested>rejected');
create constraint trigger return_requests_request_has_event after insert or update of version on return_requests_request
  deferrable initially deferred for each row execute function require_event();
create trigger return_requests_request_kept before delete or truncate on return_requests_request
  for each statement execute function refuse_change();
create trigger return_requests_request_frozen before update of shop_id, order_id, number, outcome, origin, fee_minor, created_at on return_requests_request
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.number is distinct from new.number or old.outcome is distinct from new.outcome or old.origin is distinct from new.origin or old.fee_minor is distinct from new.fee_minor or old.created_at is distinct from new.created_at)
  execute function refuse_frozen();
create trigger return_requests_line_append_only before update or delete or truncate on return_requests_line
  for each statement execute function refuse_change();
create trigger return_requests_reason_kept before delete or truncate on return_requests_reason
  for each statement execute function refuse_change();
create trigger return_requests_reason_frozen before update of code on return_requests_reason
  for each row when (old.code is distinct from new.code) execute function refuse_frozen();
create trigger return_requests_policy_kept before delete or truncate on return_requests_policy
  for each statement execute function refuse_change();

alter table return_requests_request add constraint return_requests_request_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table return_requests_line add constraint return_requests_line_request_fk foreign key (order_id, shop_id, request_id) references return_requests_request (order_id, shop_id, id);
alter table return_requests_line add constraint return_requests_line_line_fk foreign key (order_id, shop_id, order_line_id) references orders_line (order_id, shop_id, id);
alter table return_requests_request add constraint return_requests_request_clean_text check (is_clean_text(comment) and is_clean_text(decision_note) and is_clean_text(number) and length(comment) <= 5000 and length(decision_note) <= 500 and length(number) <= 60);
alter table return_requests_reason add constraint return_requests_reason_clean_text check (is_clean_text(code) and is_clean_json(names) and length(code) <= 60);
alter table return_requests_policy add constraint return_requests_policy_clean_text check (is_clean_json(instructions) and is_clean_text(excluded_skus::text) and colour ~ '^(#[0-9a-f]{6})?$' and outcomes <@ array['refund', 'exchange', 'store_credit']);

-- What is announced was shipped and has not come back: the second net, under the lock of the order.
create function return_requests_check_quantity() returns trigger language plpgsql as $$
begin
  if exists (select 1 from orders_line l where l.id = new.order_line_id and new.quantity > l.shipped - l.returned) then
    raise exception 'more pieces announced than were shipped and not returned'
      using errcode = 'check_violation', constraint = 'return_requests_line_shipped';
  end if;
  return new;
end $$;
create trigger return_requests_line_shipped before insert on return_requests_line
  for each row execute function return_requests_check_quantity();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("return_requests", "0001_initial"),
        ("orders", "0003_guards"),
        ("core", "0003_guards"),
    ]
    operations = [migrations.RunSQL(FORWARD)]

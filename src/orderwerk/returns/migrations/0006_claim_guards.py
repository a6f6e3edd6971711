"""A claim shares shop and order with its lines; it is decided once, with an event; what is claimed is not announced as well."""

from django.db import migrations

FORWARD = r"""
create sequence returns_claim_number start 1001;

create trigger returns_claim_status_start before insert on returns_claim
  for each row execute function guard_status('open', '');
create trigger returns_claim_status_moves before update of status on returns_claim
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'open>refunded,open>rejected,open>replaced');
create constraint trigger returns_claim_has_event after insert or update of version on returns_claim
  deferrable initially deferred for each row execute function require_event();
create trigger returns_claim_kept before delete or truncate on returns_claim
  for each statement execute function refuse_change();
create trigger returns_claim_line_append_only before update or delete or truncate on returns_claim_line
  for each statement execute function refuse_change();
create trigger returns_claim_frozen before update of shop_id, order_id, shipment_id, number, kind, created_at, created_by on returns_claim
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.shipment_id is distinct from new.shipment_id or old.number is distinct from new.number or old.kind is distinct from new.kind or old.created_at is distinct from new.created_at or old.created_by is distinct from new.created_by)
  execute function refuse_frozen();

alter table returns_claim add constraint returns_claim_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table returns_claim add constraint returns_claim_new_order_fk foreign key (shop_id, new_order_id) references orders_order (shop_id, id);
alter table returns_claim add constraint returns_claim_other_order check (new_order_id <> order_id);
alter table returns_claim_line add constraint returns_claim_line_claim_fk foreign key (order_id, shop_id, claim_id) references returns_claim (order_id, shop_id, id);
alter table returns_claim_line add constraint returns_claim_line_line_fk foreign key (order_id, shop_id, order_line_id) references orders_line (order_id, shop_id, id);
alter table returns_claim add constraint returns_claim_clean_text check (is_clean_text(number) and is_clean_text(created_by) and is_clean_text(decided_by) and length(number) <= 60);

create or replace function return_requests_check_quantity() returns trigger language plpgsql as $$
begin
  if exists (select 1 from orders_line l where l.id = new.order_line_id and new.quantity > l.shipped - l.returned - l.claimed) then
    raise exception 'more pieces announced than were shipped and neither returned nor claimed'
      using errcode = 'check_violation', constraint = 'return_requests_line_shipped';
  end if;
  return new;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("returns", "0005_claims"), ("orders", "0015_claims"), ("return_requests", "0005_exchanges")]
    operations = [migrations.RunSQL(FORWARD)]

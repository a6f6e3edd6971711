"""A shipment, its lines and their allocations share shop, order and location."""

from django.db import migrations

FORWARD = r"""create sequence shipments_number start 1001;

create trigger shipments_shipment_status_start before insert on shipments_shipment
  for each row execute function guard_status('open', '');
create trigger shipments_shipment_status_moves before update of status on shipments_shipment
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'announced>cancelled,announced>shipped,open>announced,open>cancelled,open>shipped,shipped>cancelled,shipped>delivered');

create constraint trigger shipments_shipment_has_event after insert or update of version on shipments_shipment
  deferrable initially deferred for each row execute function require_event();

create trigger shipments_shipment_kept before delete or truncate on shipments_shipment
  for each statement execute function refuse_change();

create trigger shipments_line_kept before delete or truncate on shipments_line
  for each statement execute function refuse_change();

create trigger shipments_tracking_event_append_only before update or delete or truncate on shipments_tracking_event
  for each statement execute function refuse_change();
alter table shipments_shipment add constraint shipments_shipment_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table shipments_line add constraint shipments_line_shipment_fk foreign key (order_id, shop_id, location_id, shipment_id) references shipments_shipment (order_id, shop_id, location_id, id);
alter table shipments_line add constraint shipments_line_allocation_fk foreign key (order_id, shop_id, location_id, allocation_id) references allocations_allocation (order_id, shop_id, location_id, id);
alter table shipments_line add constraint shipments_line_line_fk foreign key (order_id, shop_id, order_line_id) references orders_line (order_id, shop_id, id);

create trigger shipments_shipment_frozen before update of shop_id, order_id, location_id, number on shipments_shipment
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.location_id is distinct from new.location_id or old.number is distinct from new.number)
  execute function refuse_frozen();
alter table shipments_shipment add constraint shipments_shipment_clean_text check (is_clean_text(carrier) and is_clean_text(service) and is_clean_text(tracking_code) and is_clean_text(tracking_url) and is_clean_json(delivery_address) and length(tracking_code) <= 100 and length(tracking_url) <= 1000);
alter table shipments_package add constraint shipments_package_clean_text check (is_clean_text(tracking_code) and length(tracking_code) <= 100);
alter table shipments_tracking_event add constraint shipments_tracking_event_clean_text check (is_clean_text(status) and is_clean_text(text) and is_clean_text(place) and length(text) <= 500);
alter table shipments_shipment add constraint shipments_shipment_url check (tracking_url = '' or tracking_url ~* '^https?://');
"""

class Migration(migrations.Migration):
    dependencies = [('shipments', '0001_initial'), ('allocations', '0002_guards')]
    operations = [migrations.RunSQL(FORWARD)]

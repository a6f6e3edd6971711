"""A delivery problem is dealt with once, belongs to its parcel, and what happened never changes."""

from django.db import migrations

FORWARD = r"""
create trigger shipments_exception_status_start before insert on shipments_exception
  for each row execute function guard_status('open', '');
create trigger shipments_exception_status_moves before update of status on shipments_exception
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'open>closed');
create constraint trigger shipments_exception_has_event after insert or update of version on shipments_exception
  deferrable initially deferred for each row execute function require_event();
create trigger shipments_exception_kept before delete or truncate on shipments_exception
  for each statement execute function refuse_change();
create trigger shipments_exception_frozen before update of shop_id, order_id, location_id, shipment_id, kind, text, place, happened_at, raised_at on shipments_exception
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.location_id is distinct from new.location_id or old.shipment_id is distinct from new.shipment_id or old.kind is distinct from new.kind or old.text is distinct from new.text or old.place is distinct from new.place or old.happened_at is distinct from new.happened_at or old.raised_at is distinct from new.raised_at)
  execute function refuse_frozen();
alter table shipments_exception add constraint shipments_exception_shipment_fk foreign key (order_id, shop_id, location_id, shipment_id) references shipments_shipment (order_id, shop_id, location_id, id);
alter table shipments_exception add constraint shipments_exception_clean_text check (is_clean_text(text) and is_clean_text(place) and is_clean_text(note) and is_clean_text(closed_by) and length(text) <= 500 and length(note) <= 500);
"""


class Migration(migrations.Migration):
    dependencies = [('shipments', '0007_exceptions')]
    operations = [migrations.RunSQL(FORWARD)]

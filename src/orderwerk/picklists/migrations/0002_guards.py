"""A pick line stands on one allocation and one bin of its list's location."""

from django.db import migrations

FORWARD = r"""create sequence picklists_number start 1001;

create trigger picklists_pick_list_status_start before insert on picklists_pick_list
  for each row execute function guard_status('open', '');
create trigger picklists_pick_list_status_moves before update of status on picklists_pick_list
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'open>cancelled,open>picked,open>picking,picking>cancelled,picking>picked');

create constraint trigger picklists_pick_list_has_event after insert or update of version on picklists_pick_list
  deferrable initially deferred for each row execute function require_event();

create trigger picklists_pick_list_kept before delete or truncate on picklists_pick_list
  for each statement execute function refuse_change();

create trigger picklists_line_kept before delete or truncate on picklists_line
  for each statement execute function refuse_change();
alter table picklists_line add constraint picklists_line_list_fk foreign key (location_id, pick_list_id) references picklists_pick_list (location_id, id);
alter table picklists_line add constraint picklists_line_allocation_fk foreign key (order_id, shop_id, location_id, allocation_id) references allocations_allocation (order_id, shop_id, location_id, id);
alter table picklists_line add constraint picklists_line_shipment_fk foreign key (order_id, shop_id, location_id, shipment_id) references shipments_shipment (order_id, shop_id, location_id, id);
alter table picklists_line add constraint picklists_line_bin_fk foreign key (location_id, bin_id) references stock_bin (location_id, id);
alter table picklists_line add constraint picklists_line_clean_text check (is_clean_text(lot) and is_clean_text(short_reason) and length(short_reason) <= 500);
"""

class Migration(migrations.Migration):
    dependencies = [('picklists', '0001_initial'), ('shipments', '0002_guards')]
    operations = [migrations.RunSQL(FORWARD)]

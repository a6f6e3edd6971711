"""Goods on their way: an event per version, legal moves only, receipts append-only, all of one location."""

from django.db import migrations

FORWARD = r"""create sequence stock_inbound_number start 1001;

create trigger stock_inbound_status_start before insert on stock_inbound
  for each row execute function guard_status('open', '');
create trigger stock_inbound_status_moves before update of status on stock_inbound
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'open>cancelled,open>received');
create constraint trigger stock_inbound_has_event after insert or update of version on stock_inbound
  deferrable initially deferred for each row execute function require_event();
create trigger stock_inbound_kept before delete or truncate on stock_inbound
  for each statement execute function refuse_change();
create trigger stock_inbound_frozen before update of number, kind, location_id, origin_id on stock_inbound
  for each row when (old.number is distinct from new.number or old.kind is distinct from new.kind or old.location_id is distinct from new.location_id or old.origin_id is distinct from new.origin_id)
  execute function refuse_frozen();
create trigger stock_inbound_line_kept before delete or truncate on stock_inbound_line
  for each statement execute function refuse_change();
create trigger stock_inbound_line_frozen before update of inbound_id, location_id, product_id, may_exceed on stock_inbound_line
  for each row when (old.inbound_id is distinct from new.inbound_id or old.location_id is distinct from new.location_id or old.product_id is distinct from new.product_id or old.may_exceed is distinct from new.may_exceed)
  execute function refuse_frozen();
create trigger stock_receipt_append_only before update or delete or truncate on stock_receipt
  for each statement execute function refuse_change();
alter table stock_inbound_line add constraint stock_inbound_line_inbound_fk foreign key (location_id, inbound_id) references stock_inbound (location_id, id);
alter table stock_receipt add constraint stock_receipt_line_fk foreign key (location_id, product_id, inbound_line_id) references stock_inbound_line (location_id, product_id, id);
alter table stock_receipt add constraint stock_receipt_bin_fk foreign key (location_id, bin_id) references stock_bin (location_id, id);
alter table stock_inbound add constraint stock_inbound_clean_text check (is_clean_text(number) and is_clean_text(supplier) and is_clean_text(reference) and length(number) <= 60 and length(supplier) <= 200 and length(reference) <= 200);
alter table stock_receipt add constraint stock_receipt_clean_text check (is_clean_text(reference) and is_clean_text(actor_name) and length(reference) <= 200);
"""


class Migration(migrations.Migration):
    dependencies = [('stock', '0004_inbound'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]

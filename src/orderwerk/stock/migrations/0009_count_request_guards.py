"""Requests to count: closed once, never forgotten; every short pick of before has one."""

from django.db import migrations

FORWARD = r"""create trigger stock_count_request_kept before delete or truncate on stock_count_request
  for each statement execute function refuse_change();
create trigger stock_count_request_frozen before update of product_id, location_id, bin_id, requested_at, closed_at on stock_count_request
  for each row when (old.product_id is distinct from new.product_id or old.location_id is distinct from new.location_id or old.bin_id is distinct from new.bin_id or old.requested_at is distinct from new.requested_at or (old.closed_at is not null and old.closed_at is distinct from new.closed_at))
  execute function refuse_frozen();
alter table stock_count_request add constraint stock_count_request_bin_fk foreign key (location_id, bin_id) references stock_bin (location_id, id);
alter table stock_count_request add constraint stock_count_request_clean_text check (is_clean_text(reason) and is_clean_text(requested_by) and is_clean_text(closed_by) and length(reason) between 1 and 500);

insert into stock_count_request (id, product_id, location_id, bin_id, reason, requested_at, requested_by, closed_by)
select distinct on (m.product_id, m.bin_id) m.id, m.product_id, m.location_id, m.bin_id, m.reason, m.at, m.actor_name, ''
from stock_movement m where m.kind = 'short' and m.reason <> ''
order by m.product_id, m.bin_id, m.at desc;
"""


class Migration(migrations.Migration):
    dependencies = [('stock', '0008_count_request')]
    operations = [migrations.RunSQL(FORWARD)]

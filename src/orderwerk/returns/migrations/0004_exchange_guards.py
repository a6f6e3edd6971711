"""An exchange belongs to one return and one new order of the same shop; its status follows the table, what was wanted stays."""

from django.db import migrations

FORWARD = r"""
create trigger returns_exchange_status_start before insert on returns_exchange
  for each row execute function guard_status('open', '');
create trigger returns_exchange_status_moves before update of status on returns_exchange
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'open>declined,open>placed');
create constraint trigger returns_exchange_has_event after insert or update of version on returns_exchange
  deferrable initially deferred for each row execute function require_event();
create trigger returns_exchange_kept before delete or truncate on returns_exchange
  for each statement execute function refuse_change();
create trigger returns_exchange_line_append_only before update or delete or truncate on returns_exchange_line
  for each statement execute function refuse_change();
create trigger returns_exchange_frozen before update of shop_id, order_id, parent_id, currency, created_at on returns_exchange
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.parent_id is distinct from new.parent_id or old.currency is distinct from new.currency or old.created_at is distinct from new.created_at)
  execute function refuse_frozen();
create trigger returns_exchange_decided_once before update on returns_exchange
  for each row when (old.status <> 'open' and (old.new_order_id is distinct from new.new_order_id or old.netted_minor <> new.netted_minor or old.credit_minor <> new.credit_minor))
  execute function refuse_frozen();

alter table returns_exchange add constraint returns_exchange_return_fk foreign key (order_id, shop_id, parent_id) references returns_return (order_id, shop_id, id);
alter table returns_exchange add constraint returns_exchange_new_order_fk foreign key (shop_id, new_order_id) references orders_order (shop_id, id);
alter table returns_exchange add constraint returns_exchange_other_order check (new_order_id <> order_id);
alter table returns_exchange_line add constraint returns_exchange_line_exchange_fk foreign key (order_id, shop_id, exchange_id) references returns_exchange (order_id, shop_id, id);
alter table returns_exchange_line add constraint returns_exchange_line_line_fk foreign key (return_line_id) references returns_line (id);
alter table returns_exchange add constraint returns_exchange_clean_text check (is_clean_text(note) and length(note) <= 500);
"""


class Migration(migrations.Migration):
    dependencies = [("returns", "0003_exchanges")]
    operations = [migrations.RunSQL(FORWARD)]

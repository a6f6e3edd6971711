"""What leaves was picked, where the shop works with pick lists; what was let go is planned nowhere."""

from django.db import migrations, models
from django.db.models import F, Q

# Before the rule stood here a shop may have shipped without picking; which ones did so against its own setting
# cannot be told any more, since the setting may have changed.
EARLIER = "update allocations_allocation set shipped_unpicked = true where status = 'shipped' and picked < quantity"

# A setting that was turned on between the reading of the shop and now is no bug of the one who ships: the whole
# transaction runs again and meets the new setting, hence the sqlstate.
FORWARD = r"""
create function allocations_ship_as_picked() returns trigger language plpgsql as $$
begin
  if (select use_pick_lists from shops_shop where id = new.shop_id) then
    raise exception 'allocation % leaves with % of % pieces picked, and its shop ships only what was picked',
      new.id, new.picked, new.quantity using errcode = 'serialization_failure';
  end if;
  new.shipped_unpicked := true;
  return new;
end $$;
create trigger allocations_allocation_shipped_picked before update of status on allocations_allocation
  for each row when (new.status = 'shipped' and old.status <> 'shipped' and new.picked < new.quantity)
  execute function allocations_ship_as_picked();

create function allocations_check_released() returns trigger language plpgsql as $$
begin
  if exists (select from allocations_allocation where id = new.id and status = 'released') and (
    exists (select from picklists_line where allocation_id = new.id and is_open)
    or exists (select from shipments_line where allocation_id = new.id and is_live)
  ) then
    raise exception 'allocation % is released, and still stands in a shipment or on an open pick list', new.id
      using errcode = 'check_violation', constraint = 'allocations_released_nowhere';
  end if;
  return null;
end $$;
create constraint trigger allocations_allocation_released after update of status on allocations_allocation
  deferrable initially deferred for each row when (new.status = 'released' and old.status <> 'released')
  execute function allocations_check_released();
"""


class Migration(migrations.Migration):
    dependencies = [
        ('allocations', '0006_rejection_guards'),
        ('picklists', '0006_scan'),
        ('shipments', '0010_shipping_rule_guards'),
        ('shops', '0004_cancel_requests_and_expiry'),
    ]
    operations = [
        migrations.AddField('allocation', 'shipped_unpicked', models.BooleanField(default=False, db_default=False)),
        migrations.RunSQL(EARLIER),
        migrations.AddConstraint('allocation', models.CheckConstraint(
            condition=Q(('status', 'shipped'), _negated=True) | Q(picked=F('quantity')) | Q(shipped_unpicked=True),
            name='allocations_allocation_shipped_as_picked',
        )),
        migrations.RunSQL(FORWARD),
    ]

"""The one derivation of an order's status, and the trigger that says each version has its event."""

from django.db import migrations

FORWARD = """
create function order_status(
  ordered bigint, cancelled bigint, allocated bigint, shipped bigint, holds integer,
  on_account boolean, captured bigint, authorized bigint, grand_total bigint, cancelled_amount bigint
) returns text language sql immutable parallel safe as $$
  select case
    when cancelled = ordered then 'cancelled'
    when shipped + cancelled = ordered then 'shipped'
    when holds > 0 then 'on_hold'
    when not (on_account or captured + authorized >= grand_total - cancelled_amount) then 'awaiting_payment'
    when shipped > 0 then 'partially_shipped'
    when allocated + shipped + cancelled < ordered then 'awaiting_stock'
    else 'awaiting_shipment'
  end
$$;
"""
BACKWARD = "drop function order_status(bigint, bigint, bigint, bigint, integer, boolean, bigint, bigint, bigint, bigint);"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("core", "0001_functions")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

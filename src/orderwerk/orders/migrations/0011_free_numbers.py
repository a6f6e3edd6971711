"""Generated order numbers step over numbers that a shop gave itself."""

from django.db import migrations

# Sequential scans are off because the plan is made once per connection, perhaps while the table is still small.
FORWARD = r"""
create function orders_free_number(prefix text, given text[]) returns text language plpgsql volatile set enable_seqscan = off as $$
declare
  candidate text;
begin
  loop
    candidate := prefix || nextval('orders_number');
    exit when candidate <> all (given) and not exists (select 1 from orders_order o where o.number = candidate);
  end loop;
  return candidate;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [('orders', '0010_cancel_request_guards')]
    operations = [migrations.RunSQL(FORWARD)]

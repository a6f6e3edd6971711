"""No order of before is in a currency whose decimals were counted otherwise then: its amounts would be read as a fraction.

They cannot be converted: documents were issued of them, and never change.
"""

from django.db import migrations

FORWARD = r"""
do $$
declare found text;
begin
  select number || ' in ' || currency into found from orders_order
  where currency in ('AFN', 'ALL', 'IQD', 'IRR', 'KPW', 'LAK', 'LBP', 'MGA', 'MMK', 'RSD', 'SOS', 'SYP', 'YER') limit 1;
  if found is not null then
    raise exception 'order % is stored in whole units, and its currency has decimals now: this installation stays on the version before (CHANGELOG)', found;
  end if;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [('orders', '0032_tagged_newest')]
    operations = [migrations.RunSQL(FORWARD)]

"""A document is kept for as long as the law of its seller's country wants, whatever the shop has set."""

from django.db import migrations

FORWARD = """
create function invoices_fewest_years(country text) returns int language sql immutable as $$
  select case
    when country in ('BE', 'FR', 'LU', 'IT', 'PT', 'CZ') then 10
    when country = 'DE' then 8
    when country in ('ES', 'IE', 'GB', 'FI', 'PL') then 6
    when country = 'DK' then 5
    else 7 end
$$;

-- The first day on which it need not be kept any more. Of what is declared through the one-stop shop: ten years, article 369k.
create or replace function invoices_kept_until(issue_date date, content text, years int) returns date language sql immutable as $$
  select make_date(extract(year from issue_date)::int + 1 + greatest(years, invoices_fewest_years(content::jsonb #>> '{seller,country}'),
    case when content::jsonb ? 'one_stop' then 10 else 0 end), 1, 1)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [('invoices', '0005_blanking')]
    operations = [migrations.RunSQL(FORWARD)]

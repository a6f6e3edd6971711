"""The words of a shipping rule are clean and short."""

from django.db import migrations

FORWARD = r"""
alter table shipments_rule add constraint shipments_rule_clean_text check (is_clean_text(name) and is_clean_text(carrier) and is_clean_text(service) and is_clean_text(countries::text) and is_clean_text(methods::text) and length(name) <= 200 and length(service) <= 200);
"""


class Migration(migrations.Migration):
    dependencies = [('shipments', '0009_shipping_rules')]
    operations = [migrations.RunSQL(FORWARD)]

"""No product stands in for itself, and what stands in has a clean sku."""

from django.db import migrations

FORWARD = r"""
alter table catalog_product add constraint catalog_product_substitutes
  check (sku <> all (substitutes) and cardinality(substitutes) <= 20 and is_clean_text(substitutes::text));
"""


class Migration(migrations.Migration):
    dependencies = [('catalog', '0009_substitutions')]
    operations = [migrations.RunSQL(FORWARD)]

"""Products are found by the words of their name and by their GTIN."""

from django.db import migrations

FORWARD = """
create index catalog_product_words on catalog_product using gin (to_tsvector('simple', name));
create index catalog_product_gtin on catalog_product (gtin) where gtin is not null;
"""
BACKWARD = "drop index catalog_product_gtin; drop index catalog_product_words;"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_guards")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

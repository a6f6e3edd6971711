"""What the overview filters and sorts by, at a million orders: tags, country, total."""

from django.db import migrations, models

FORWARD = """
create index orders_order_tags on orders_order using gin (tags) where tags <> '{}';
create index orders_order_country on orders_order (country, placed_at desc, id desc);
create index orders_order_total on orders_order (grand_total_minor, id);
"""
BACKWARD = "drop index orders_order_total; drop index orders_order_country; drop index orders_order_tags;"


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_bounds_and_unmapped")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RemoveIndex("orderline", "orders_line_sku"),
        migrations.AddIndex("orderline", models.Index(fields=["sku", "-order"], name="orders_line_sku")),
    ]

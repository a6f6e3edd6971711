"""What waits to be shipped, newest first; a parcel's own tracking code."""

from django.db import migrations

FORWARD = """
create index shipments_not_shipped on shipments_shipment (id desc) where status in ('open', 'announced');
create index shipments_package_tracking on shipments_package (tracking_code collate "C") where tracking_code <> '';
"""
BACKWARD = "drop index shipments_package_tracking; drop index shipments_not_shipped;"


class Migration(migrations.Migration):
    dependencies = [("shipments", "0002_guards")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

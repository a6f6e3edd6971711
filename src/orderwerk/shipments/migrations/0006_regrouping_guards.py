"""A parcel leaves from one place; what lies in a package belongs to its shipment."""

from django.db import migrations

FORWARD = r"""
alter table shipments_shipment add constraint shipments_shipment_combined_fk foreign key (shop_id, location_id, combined_into_id) references shipments_shipment (shop_id, location_id, id);
alter table shipments_package_line add constraint shipments_package_line_package_fk foreign key (shipment_id, package_id) references shipments_package (shipment_id, id);
alter table shipments_package_line add constraint shipments_package_line_line_fk foreign key (shipment_id, shipment_line_id) references shipments_line (shipment_id, id);
"""


class Migration(migrations.Migration):
    dependencies = [('shipments', '0005_regrouping')]
    operations = [migrations.RunSQL(FORWARD)]

"""No purchase order is for one order: what stands there is looked at without stopping anybody."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stock", "0019_for_order")]
    operations = [ValidateConstraint(model_name="inbound", name="stock_inbound_for_order")]

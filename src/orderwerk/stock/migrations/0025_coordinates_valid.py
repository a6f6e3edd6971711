"""Every location has both coordinates or none: what stands there is looked at without stopping anybody."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stock", "0024_coordinates")]
    operations = [ValidateConstraint(model_name="stocklocation", name="stock_location_point")]

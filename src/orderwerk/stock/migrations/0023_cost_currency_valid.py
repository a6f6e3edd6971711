"""Every currency of a cost is the code of one: what stands there is looked at without stopping anybody."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stock", "0022_cost_currency")]
    operations = [
        ValidateConstraint(model_name="stocklocation", name="stock_location_cost_currency")
    ]

"""What a parcel from a location costs may say its currency; without one it is in that of each shop, as until now."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stock", "0021_location_days")]

    operations = [
        migrations.AddField(
            model_name="stocklocation",
            name="handling_cost_currency",
            field=models.TextField(null=True),
        ),
        AddConstraintNotValid(
            model_name="stocklocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("handling_cost_currency__isnull", True),
                    ("handling_cost_currency__regex", "^[A-Z]{3}$"),
                    _connector="OR",
                ),
                name="stock_location_cost_currency",
            ),
        ),
    ]

"""A transfer may be sent for one order: which one is said when it leaves and never changes."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

FORWARD = """
create trigger stock_inbound_order_frozen before update of order_id on stock_inbound
  for each row when (old.order_id is distinct from new.order_id)
  execute function refuse_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0018_serial_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name="inbound",
            name="order_id",
            field=models.UUIDField(null=True),
        ),
        AddConstraintNotValid(
            model_name="inbound",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("order_id__isnull", True), ("kind", "transfer"), _connector="OR"
                ),
                name="stock_inbound_for_order",
            ),
        ),
        migrations.RunSQL(FORWARD),
    ]

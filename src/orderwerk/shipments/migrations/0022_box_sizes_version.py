"""The boxes of a shop have a version, so that nobody overwrites what somebody else changed meanwhile."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
create constraint trigger shipments_boxes_has_event after insert or update of version on shipments_boxes
  deferrable initially deferred for each row execute function require_event();
create trigger shipments_boxes_kept before delete or truncate on shipments_boxes
  for each statement execute function refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_guards"),
        ("shipments", "0021_arrived_stays"),
        ("shops", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="BoxSizes",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("version", models.IntegerField(default=1)),
                (
                    "shop",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="shops.shop"
                    ),
                ),
            ],
            options={
                "db_table": "shipments_boxes",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="shipments_boxes_version"
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD),
    ]

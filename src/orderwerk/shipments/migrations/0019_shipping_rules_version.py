"""The shipping rules of a shop have a version, so that nobody overwrites what somebody else changed meanwhile."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
create constraint trigger shipments_rules_has_event after insert or update of version on shipments_rules
  deferrable initially deferred for each row execute function require_event();
create trigger shipments_rules_kept before delete or truncate on shipments_rules
  for each statement execute function refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_guards"),
        ("shipments", "0018_package_delivered"),
        ("shops", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShippingRules",
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
                "db_table": "shipments_rules",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="shipments_rules_version"
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD),
    ]

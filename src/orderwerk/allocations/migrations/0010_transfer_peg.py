import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

_OPEN = models.Q(
    (
        "quantity__gt",
        django.db.models.expressions.CombinedExpression(
            models.F("arrived"), "+", models.F("dropped")
        ),
    )
)


class Migration(migrations.Migration):
    dependencies = [
        ("allocations", "0009_collected"),
        ("catalog", "0011_min_shelf_days"),
        ("orders", "0016_collect"),
        ("stock", "0019_for_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="TransferPeg",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("shop_id", models.UUIDField()),
                ("quantity", models.IntegerField()),
                ("arrived", models.IntegerField(default=0)),
                ("dropped", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                (
                    "inbound_line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="stock.inboundline",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="stock.stocklocation",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="orders.order",
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="orders.orderline",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "db_table": "allocations_transfer_peg",
                "indexes": [
                    models.Index(
                        condition=_OPEN,
                        fields=["order", "location"],
                        name="allocations_peg_of_order",
                    ),
                    models.Index(
                        condition=_OPEN,
                        fields=["order_line", "product"],
                        name="allocations_peg_of_line",
                    ),
                    models.Index(
                        condition=_OPEN, fields=["product"], name="allocations_peg_of_product"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("inbound_line", "order_line"), name="allocations_transfer_peg_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("arrived__gte", 0),
                            ("dropped__gte", 0),
                            ("quantity__gt", 0),
                            (
                                "quantity__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("arrived"), "+", models.F("dropped")
                                ),
                            ),
                        ),
                        name="allocations_transfer_peg_quantities",
                    ),
                ],
            },
        ),
    ]

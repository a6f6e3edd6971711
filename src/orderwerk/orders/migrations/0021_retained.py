"""Of what is cancelled of a paid order the customer may pay a part, or all, all the same: what is kept is counted."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0020_hold_owner_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='retained_minor',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='order',
            name='shipping_retained_minor',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='orderline',
            name='retained',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='orderline',
            name='retained_minor',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        AddConstraintNotValid(
            model_name='order',
            constraint=models.CheckConstraint(
                condition=Q(shipping_retained_minor__gte=0)
                & Q(retained_minor__gte=F('shipping_retained_minor'))
                & Q(grand_total_minor__gte=F('cancelled_minor') + F('retained_minor')),
                name='orders_order_retained',
            ),
        ),
        AddConstraintNotValid(
            model_name='orderline',
            constraint=models.CheckConstraint(
                condition=Q(retained__gte=0, retained_minor__gte=0) & Q(cancelled__gte=F('retained') + F('expired')),
                name='orders_line_retained',
            ),
        ),
    ]

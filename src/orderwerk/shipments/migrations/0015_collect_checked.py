"""Old shipments keep the rules of collecting too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('shipments', '0014_collected_index'),
    ]

    operations = [
        ValidateConstraint(model_name='shipment', name='shipments_shipment_collected'),
        ValidateConstraint(model_name='deliveryexception', name='shipments_exception_kind'),
    ]

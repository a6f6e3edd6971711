"""Who took a shipment at the counter, and a further thing that can go wrong: nobody came for it."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

_KINDS = ['lost', 'damaged', 'refused', 'address_problem', 'returned_to_sender', 'not_collected']


class Migration(migrations.Migration):

    dependencies = [
        ('shipments', '0012_serial_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='shipment',
            name='collected_by',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='shipment',
            name='collect_note',
            field=models.TextField(db_default='', default=''),
        ),
        AddConstraintNotValid(
            model_name='shipment',
            constraint=models.CheckConstraint(condition=models.Q(('collect_note', ''), ('collected_by', '')) | models.Q(('status__in', ['delivered', 'cancelled'])), name='shipments_shipment_collected'),
        ),
        migrations.RemoveConstraint(model_name='deliveryexception', name='shipments_exception_kind'),
        AddConstraintNotValid(
            model_name='deliveryexception',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', _KINDS)), name='shipments_exception_kind'),
        ),
    ]

"""What customers want instead of goods that come back, and what becomes of it where it is not in stock."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('catalog', '0010_substitute_guards'),
        ('orders', '0014_substitution_guards'),
        ('return_requests', '0004_withdrawal_guards'),
        ('shops', '0006_substitutes'),
    ]

    operations = [
        migrations.AddField(
            model_name='returnpolicy',
            name='exchange_short',
            field=models.TextField(db_default='backorder', default='backorder'),
        ),
        migrations.AddField(
            model_name='returnrequestline',
            name='wanted',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product'),
        ),
        migrations.AddField(
            model_name='returnrequestline',
            name='wanted_quantity',
            field=models.IntegerField(null=True),
        ),
        AddConstraintNotValid(
            model_name='returnpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('exchange_short__in', ['backorder', 'refund'])), name='return_requests_policy_exchange_short'),
        ),
        AddConstraintNotValid(
            model_name='returnrequestline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('wanted__isnull', True), ('wanted_quantity__isnull', True)), models.Q(('wanted__isnull', False), ('wanted_quantity__gt', 0), ('wanted_quantity__lte', 1000000)), _connector='OR'), name='return_requests_line_wanted'),
        ),
    ]

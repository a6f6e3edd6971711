"""A refund may go neither to a provider nor to a person: it pays for the new order of an exchange."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('core', '0005_series_guards'),
        ('invoices', '0003_documents'),
        ('orders', '0014_substitution_guards'),
        ('payments', '0013_at_provider'),
        ('refunds', '0010_erase_function'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='refund',
            name='refunds_refund_effect_exactly_via_provider',
        ),
        AddConstraintNotValid(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('effect__isnull', True), ('via__in', ['', 'manual', 'exchange'])), models.Q(models.Q(('via__in', ['', 'manual', 'exchange']), _negated=True), ('effect__isnull', False)), _connector='OR'), name='refunds_refund_effect_exactly_via_account'),
        ),
    ]

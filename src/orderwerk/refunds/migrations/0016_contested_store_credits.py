"""A store credit is contested while the money behind it is charged back, and can be ended before its last day."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('refunds', '0015_store_credits_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='storecredit',
            name='is_contested',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name='creditmovement',
            name='kind',
            field=models.TextField(choices=[('issued', 'Given for a refund'), ('used', 'Paid with it'), ('given_back', 'Gone back to it'), ('expired', 'Expired'), ('stopped', 'Ended early')]),
        ),
        migrations.RemoveConstraint(
            model_name='creditmovement',
            name='refunds_credit_movement_kind',
        ),
        AddConstraintNotValid(
            model_name='creditmovement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('delta_minor__gt', 0), ('kind', 'issued'), ('payment__isnull', True), ('refund__isnull', False)), models.Q(('delta_minor__lt', 0), ('kind', 'used'), ('payment__isnull', False), ('refund__isnull', True)), models.Q(('delta_minor__gt', 0), ('kind', 'given_back'), ('payment__isnull', False), ('refund__isnull', False)), models.Q(('delta_minor__lt', 0), ('kind__in', ['expired', 'stopped']), ('payment__isnull', True), ('refund__isnull', True)), _connector='OR'), name='refunds_credit_movement_kinds'),
        ),
    ]

"""A reconciled day counts what came in too, and what nobody was asked about."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

_PAID = [f'{side}_paid_{what}' for side in ('ours', 'theirs') for what in ('count', 'minor', 'foreign')]


class Migration(migrations.Migration):
    dependencies = [
        ('refunds', '0024_gifts'),
    ]

    operations = [
        migrations.AddField(
            model_name='reconciliation',
            name='ours_paid_count',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='ours_paid_minor',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='ours_paid_foreign',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='theirs_paid_count',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='theirs_paid_minor',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='theirs_paid_foreign',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='not_asked',
            field=models.IntegerField(db_default=0, default=0),
        ),
        AddConstraintNotValid(
            model_name='reconciliation',
            constraint=models.CheckConstraint(
                condition=models.Q(not_asked__gte=0)
                & (
                    models.Q(**{f'{name}__isnull': True for name in _PAID})
                    | models.Q(**{f'{name}__gte': 0 for name in _PAID})
                ),
                name='refunds_reconciliation_paid',
            ),
        ),
    ]

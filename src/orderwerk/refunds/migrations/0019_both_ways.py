"""Payments that the provider does not know are differences too; a day counts refunds in other currencies apart."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('refunds', '0018_contested_store_credits_checked'),
    ]

    operations = [
        migrations.AlterField(
            model_name='difference',
            name='kind',
            field=models.TextField(choices=[('unknown_refund', 'Refund that we do not know'), ('refund_differs', 'Refund differs'), ('missing_refund', 'Refund that the provider does not know'), ('unknown_payment', 'Payment that we do not know'), ('missing_payment', 'Payment that the provider does not know'), ('payment_differs', 'Payment differs'), ('charge_back', 'Charged back')]),
        ),
        migrations.RemoveConstraint(
            model_name='difference',
            name='refunds_difference_kind',
        ),
        AddConstraintNotValid(
            model_name='difference',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['unknown_refund', 'refund_differs', 'missing_refund', 'unknown_payment', 'missing_payment', 'payment_differs', 'charge_back'])), name='refunds_difference_known_kind'),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='ours_foreign',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='theirs_foreign',
            field=models.IntegerField(db_default=0, default=0),
        ),
        AddConstraintNotValid(
            model_name='reconciliation',
            constraint=models.CheckConstraint(condition=models.Q(('ours_foreign__gte', 0), ('theirs_foreign__gte', 0)), name='refunds_reconciliation_foreign'),
        ),
    ]

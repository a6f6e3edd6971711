"""Customers may ask for a repair, where the shop offers it."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0009_labels'),
    ]

    operations = [
        migrations.AlterField(
            model_name='returnrequest',
            name='outcome',
            field=models.TextField(choices=[('refund', 'Money back'), ('exchange', 'Exchange'), ('store_credit', 'Store credit'), ('repair', 'Repair')], default='refund'),
        ),
        migrations.RemoveConstraint(
            model_name='returnrequest',
            name='return_requests_request_words',
        ),
        AddConstraintNotValid(
            model_name='returnrequest',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['refund', 'exchange', 'store_credit', 'repair']), ('origin__in', ['portal', 'console', 'api', 'withdrawal'])), name='return_requests_request_known_words'),
        ),
        migrations.RunSQL(
            "alter table return_requests_policy drop constraint return_requests_policy_clean_text, "
            "add constraint return_requests_policy_clean_words check (is_clean_json(instructions) and is_clean_text(excluded_skus::text) "
            "and colour ~ '^(#[0-9a-f]{6})?$' and outcomes <@ array['refund', 'exchange', 'store_credit', 'repair']) not valid"
        ),
    ]

"""Customers may ask to keep the goods, where the shop offers it and says up to what value."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0015_open_boxes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='returnrequest',
            name='outcome',
            field=models.TextField(choices=[('refund', 'Money back'), ('exchange', 'Exchange'), ('store_credit', 'Store credit'), ('repair', 'Repair'), ('keep', 'Keep it, with money back')], default='refund'),
        ),
        migrations.RemoveConstraint(
            model_name='returnrequest',
            name='return_requests_request_known_words',
        ),
        AddConstraintNotValid(
            model_name='returnrequest',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['refund', 'exchange', 'store_credit', 'repair', 'keep']), ('origin__in', ['portal', 'console', 'api', 'withdrawal'])), name='return_requests_request_wishes'),
        ),
        AddConstraintNotValid(
            model_name='returnpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('keep_up_to_minor__isnull', False), models.Q(('outcomes__contains', ['keep']), _negated=True), _connector='OR'), name='return_requests_policy_keep_wish'),
        ),
        migrations.RunSQL(
            "alter table return_requests_policy drop constraint return_requests_policy_clean_words, "
            "add constraint return_requests_policy_wishes check (is_clean_json(instructions) and is_clean_text(excluded_skus::text) "
            "and colour ~ '^(#[0-9a-f]{6})?$' and outcomes <@ array['refund', 'exchange', 'store_credit', 'repair', 'keep']) not valid"
        ),
    ]

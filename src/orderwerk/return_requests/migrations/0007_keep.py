"""How long a store credit of a shop can be spent; up to what value customers may keep goods, and which requests ended so."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0006_exchanges_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='returnpolicy',
            name='store_credit_days',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='returnpolicy',
            name='keep_up_to_minor',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='is_kept',
            field=models.BooleanField(db_default=False, default=False),
        ),
        AddConstraintNotValid(
            model_name='returnpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('store_credit_days__gte', 1), ('store_credit_days__lte', 36500)), name='return_requests_policy_store_credit_days'),
        ),
        AddConstraintNotValid(
            model_name='returnpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('keep_up_to_minor__gt', 0)), name='return_requests_policy_keep_up_to'),
        ),
        migrations.RunSQL(
            "alter table return_requests_request add constraint return_requests_request_kept "
            "check (not is_kept or status in ('requested', 'approved', 'completed')) not valid"
        ),
    ]

"""A shop's rules for returns have a version, so that nobody overwrites what they have not seen; goods are brought to a place that is there."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0023_ways_and_reasons_checked'),
        ('stock', '0021_location_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='returnpolicy',
            name='version',
            field=models.IntegerField(db_default=1, default=1),
        ),
        AddConstraintNotValid(
            model_name='returnpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='return_requests_policy_version'),
        ),
        migrations.RunSQL(
            'alter table return_requests_request add constraint return_requests_request_bring_to_fk '
            'foreign key (bring_to_id) references stock_location (id) not valid'
        ),
    ]

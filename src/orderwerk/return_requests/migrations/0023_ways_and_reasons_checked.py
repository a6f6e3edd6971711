"""Old requests and policies keep the rules of ways and worth too; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0022_ways_and_reasons'),
    ]

    operations = [
        migrations.RunSQL('alter table return_requests_policy validate constraint return_requests_policy_ways'),
        migrations.RunSQL('alter table return_requests_policy validate constraint return_requests_policy_codes'),
        migrations.RunSQL('alter table return_requests_request validate constraint return_requests_request_worth'),
        migrations.RunSQL('alter table return_requests_request validate constraint return_requests_request_way'),
    ]

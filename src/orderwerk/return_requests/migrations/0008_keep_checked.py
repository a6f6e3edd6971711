"""Old rows keep the rules of keeping too; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0007_keep'),
    ]

    operations = [
        migrations.RunSQL('alter table return_requests_policy validate constraint return_requests_policy_store_credit_days'),
        migrations.RunSQL('alter table return_requests_policy validate constraint return_requests_policy_keep_up_to'),
        migrations.RunSQL('alter table return_requests_request validate constraint return_requests_request_kept'),
    ]

"""Old requests and policies keep the rules of the wish too; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0016_keep_wish'),
    ]

    operations = [
        migrations.RunSQL('alter table return_requests_request validate constraint return_requests_request_wishes'),
        migrations.RunSQL('alter table return_requests_policy validate constraint return_requests_policy_keep_wish'),
        migrations.RunSQL('alter table return_requests_policy validate constraint return_requests_policy_wishes'),
    ]

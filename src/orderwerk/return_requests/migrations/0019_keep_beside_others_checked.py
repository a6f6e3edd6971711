"""Old policies keep that rule too; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0018_keep_beside_others'),
    ]

    operations = [
        migrations.RunSQL('alter table return_requests_policy validate constraint return_requests_policy_keep_not_alone'),
    ]

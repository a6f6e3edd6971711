"""Old rows keep the words too; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0010_repair'),
    ]

    operations = [
        migrations.RunSQL('alter table return_requests_request validate constraint return_requests_request_known_words'),
        migrations.RunSQL('alter table return_requests_policy validate constraint return_requests_policy_clean_words'),
    ]

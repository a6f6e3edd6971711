"""Old requests keep the rules of gifts too; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0020_gifts'),
    ]

    operations = [
        migrations.RunSQL('alter table return_requests_request validate constraint return_requests_request_gift'),
        migrations.RunSQL('alter table return_requests_request validate constraint return_requests_request_receiver'),
    ]

"""Old payments keep the rule of names too; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('payments', '0015_provider_names'),
    ]

    operations = [
        migrations.RunSQL('alter table payments_payment validate constraint payments_payment_provider_named_once'),
    ]

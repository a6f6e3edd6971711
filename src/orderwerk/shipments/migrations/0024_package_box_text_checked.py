"""Packages from before keep the rule of their box too; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [('shipments', '0023_package_box_text')]
    operations = [
        migrations.RunSQL('alter table shipments_package validate constraint shipments_package_box_text'),
    ]

"""As 0012, for the texts."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0012_snooze_checked'),
    ]

    operations = [
        migrations.RunSQL('alter table picklists_pick_list validate constraint picklists_pick_list_snooze_text'),
    ]

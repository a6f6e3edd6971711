"""Old claims keep the words of repairs too; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('returns', '0013_repair'),
    ]

    operations = [
        migrations.RunSQL('alter table returns_claim validate constraint returns_claim_own_words'),
        migrations.RunSQL('alter table returns_claim validate constraint returns_claim_repair'),
        migrations.RunSQL('alter table returns_claim validate constraint returns_claim_tracking_text'),
    ]

"""Returns that were there before took nothing off; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('returns', '0016_fee'),
    ]

    operations = [
        migrations.RunSQL('alter table returns_return validate constraint returns_return_fee_off_a_credit'),
    ]

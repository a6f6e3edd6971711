"""Whether a shop takes statements of withdrawal on its pages; it does, unless somebody says that it sells to no consumers."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0009_logos'),
    ]

    operations = [
        migrations.AddField(
            model_name='shop',
            name='withdrawal_portal',
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]

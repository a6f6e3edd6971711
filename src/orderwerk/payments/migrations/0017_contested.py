"""A payment is contested while the money that it stands for is charged back where it came from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('payments', '0016_provider_names_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='is_contested',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]

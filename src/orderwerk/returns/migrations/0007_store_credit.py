"""What is credited for a return may become store credit rather than money."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('returns', '0006_claim_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='return',
            name='as_store_credit',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]

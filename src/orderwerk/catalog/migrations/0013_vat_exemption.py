"""An article may be exempt from VAT, and says why: in words, and as a code of the list VATEX."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0012_min_shelf_days_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='vat_exemption',
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name='product',
            name='vat_exemption_code',
            field=models.TextField(null=True),
        ),
    ]

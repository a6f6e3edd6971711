from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_serial_tracking'),
    ]

    operations = [
        ValidateConstraint(model_name='product', name='catalog_product_tracking'),
    ]

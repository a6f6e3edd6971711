"""What the indexes by e-mail address, telephone number and postal code knew, those that also know the day know too."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0028_newest_of_postal_code'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='order', name='orders_order_email'),
        migrations.RemoveIndex(model_name='order', name='orders_order_phone'),
        migrations.RemoveIndex(model_name='order', name='orders_order_postal_code'),
    ]

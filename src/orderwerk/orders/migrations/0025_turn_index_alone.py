"""Nothing reads the index that the one of turns replaces."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0024_turn_index'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='order', name='orders_order_backorders'),
    ]

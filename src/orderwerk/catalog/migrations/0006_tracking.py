from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_component_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='tracking',
            field=models.TextField(db_default='none', default='none'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('tracking__in', ['none', 'lot'])), name='catalog_product_tracking'),
        ),
    ]

"""In which boxes a shop packs, and in which one each package went."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shipments', '0019_shipping_rules_version'),
        ('shops', '0004_cancel_requests_and_expiry'),
    ]

    operations = [
        migrations.AddField(
            model_name='package',
            name='box',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.CreateModel(
            name='BoxSize',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('position', models.IntegerField()),
                ('name', models.TextField()),
                ('length_mm', models.IntegerField()),
                ('width_mm', models.IntegerField()),
                ('height_mm', models.IntegerField()),
                ('weight_grams', models.IntegerField()),
                ('max_weight_grams', models.IntegerField(null=True)),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='shops.shop')),
            ],
            options={
                'db_table': 'shipments_box_size',
                'constraints': [models.UniqueConstraint(fields=('shop', 'position'), name='shipments_box_size_position'), models.UniqueConstraint(fields=('shop', 'name'), name='shipments_box_size_name'), models.CheckConstraint(condition=models.Q(('height_mm__gte', 1), ('length_mm__gte', 1), ('position__gte', 1), ('width_mm__gte', 1), ('weight_grams__gte', 0), models.Q(('max_weight_grams__isnull', True), ('max_weight_grams__gte', 1), _connector='OR')), name='shipments_box_size_bounds')],
            },
        ),
        migrations.RunSQL("alter table shipments_box_size add constraint shipments_box_size_clean_text check (is_clean_text(name) and length(name) <= 200);"),
    ]

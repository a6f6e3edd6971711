import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_component_guards'),
        ('stock', '0007_returned'),
    ]

    operations = [
        migrations.CreateModel(
            name='CountRequest',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('requested_at', models.DateTimeField()),
                ('requested_by', models.TextField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.TextField(default='')),
                ('bin', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='stock.bin')),
                ('location', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='stock.stocklocation')),
                ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='catalog.product')),
            ],
            options={
                'db_table': 'stock_count_request',
                'indexes': [models.Index(fields=['product', 'bin'], name='stock_count_request_of_place')],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('product', 'bin'), name='stock_count_request_once'),
                    models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), ('closed_at__gte', models.F('requested_at')), _connector='OR'), name='stock_count_request_closed_after'),
                ],
            },
        ),
    ]

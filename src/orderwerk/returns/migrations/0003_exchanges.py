"""Other articles for goods that came back, in a new order that the credit pays for."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0010_substitute_guards'),
        ('orders', '0014_substitution_guards'),
        ('returns', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='Exchange',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('shop_id', models.UUIDField()),
                ('currency', models.TextField()),
                ('status', models.TextField(choices=[('open', 'Being placed'), ('placed', 'Placed'), ('declined', 'Paid back instead')])),
                ('credit_minor', models.BigIntegerField(default=0)),
                ('netted_minor', models.BigIntegerField(default=0)),
                ('note', models.TextField(default='')),
                ('created_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
                ('new_order', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('parent', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='returns.return')),
            ],
            options={
                'db_table': 'returns_exchange',
            },
        ),
        migrations.CreateModel(
            name='ExchangeLine',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('shop_id', models.UUIDField()),
                ('quantity', models.IntegerField()),
                ('unit_price_minor', models.BigIntegerField(null=True)),
                ('exchange', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='returns.exchange')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product')),
                ('return_line', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='returns.returnline')),
            ],
            options={
                'db_table': 'returns_exchange_line',
            },
        ),
        migrations.AddIndex(
            model_name='exchange',
            index=models.Index(fields=['order', 'id'], name='returns_exchange_by_order'),
        ),
        migrations.AddIndex(
            model_name='exchange',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['created_at'], name='returns_exchange_open'),
        ),
        migrations.AddConstraint(
            model_name='exchange',
            constraint=models.UniqueConstraint(fields=('parent',), name='returns_exchange_one_per_return'),
        ),
        migrations.AddConstraint(
            model_name='exchange',
            constraint=models.UniqueConstraint(fields=('new_order',), name='returns_exchange_new_order_once'),
        ),
        migrations.AddConstraint(
            model_name='exchange',
            constraint=models.UniqueConstraint(fields=('order', 'shop_id', 'id'), name='returns_exchange_of_order'),
        ),
        migrations.AddConstraint(
            model_name='exchange',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'placed', 'declined'])), name='returns_exchange_status'),
        ),
        migrations.AddConstraint(
            model_name='exchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('new_order__isnull', True), ('status', 'open')), models.Q(('decided_at__isnull', False), ('new_order__isnull', False), ('status', 'placed')), models.Q(('decided_at__isnull', False), ('new_order__isnull', True), ('status', 'declined')), _connector='OR'), name='returns_exchange_decided'),
        ),
        migrations.AddConstraint(
            model_name='exchange',
            constraint=models.CheckConstraint(condition=models.Q(('credit_minor__gte', models.F('netted_minor')), ('netted_minor__gte', 0), models.Q(('status', 'placed'), ('netted_minor', 0), _connector='OR')), name='returns_exchange_never_over_netted'),
        ),
        migrations.AddConstraint(
            model_name='exchange',
            constraint=models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='returns_exchange_version'),
        ),
        migrations.AddIndex(
            model_name='exchangeline',
            index=models.Index(fields=['exchange'], name='returns_exchange_lines'),
        ),
        migrations.AddConstraint(
            model_name='exchangeline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('quantity__lte', 1000000)), name='returns_exchange_line_quantity'),
        ),
        migrations.AddConstraint(
            model_name='exchangeline',
            constraint=models.CheckConstraint(condition=models.Q(('unit_price_minor__gte', 0)), name='returns_exchange_line_price'),
        ),
    ]

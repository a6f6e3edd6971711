"""Claims: goods that arrived damaged, or never."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0015_claims'),
        ('returns', '0004_exchange_guards'),
        ('shipments', '0012_serial_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('shop_id', models.UUIDField()),
                ('number', models.TextField(db_collation='C', unique=True)),
                ('kind', models.TextField(choices=[('damaged', 'Damaged'), ('lost', 'Lost'), ('missing', 'Missing in the parcel')])),
                ('status', models.TextField(choices=[('open', 'Open'), ('refunded', 'Refunded'), ('replaced', 'Replaced'), ('rejected', 'Rejected')])),
                ('created_at', models.DateTimeField()),
                ('created_by', models.TextField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.TextField(default='')),
                ('version', models.IntegerField(default=1)),
                ('new_order', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('shipment', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shipments.shipment')),
            ],
            options={
                'db_table': 'returns_claim',
            },
        ),
        migrations.CreateModel(
            name='ClaimLine',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('shop_id', models.UUIDField()),
                ('quantity', models.IntegerField()),
                ('claim', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='returns.claim')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('order_line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.orderline')),
            ],
            options={
                'db_table': 'returns_claim_line',
            },
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['order', 'id'], name='returns_claims_of_order'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['status', '-id'], name='returns_claim_tab'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.UniqueConstraint(fields=('order', 'shop_id', 'id'), name='returns_claim_of_order'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.UniqueConstraint(fields=('new_order',), name='returns_claim_new_order_once'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['damaged', 'lost', 'missing']), ('status__in', ['open', 'refunded', 'replaced', 'rejected'])), name='returns_claim_words'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='returns_claim_decided'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('new_order__isnull', False), ('status', 'replaced')), models.Q(models.Q(('status', 'replaced'), _negated=True), ('new_order__isnull', True)), _connector='OR'), name='returns_claim_replaced'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='returns_claim_version'),
        ),
        migrations.AddIndex(
            model_name='claimline',
            index=models.Index(fields=['order_line'], name='returns_claim_line_of_line'),
        ),
        migrations.AddConstraint(
            model_name='claimline',
            constraint=models.UniqueConstraint(fields=('claim', 'order_line'), name='returns_claim_line_once'),
        ),
        migrations.AddConstraint(
            model_name='claimline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='returns_claim_line_quantity'),
        ),
    ]

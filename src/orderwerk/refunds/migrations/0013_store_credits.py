"""A refund may stay with the shop as store credit: the credits, and their lines."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0016_collect'),
        ('payments', '0013_at_provider'),
        ('refunds', '0012_exchanges_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='refund',
            name='as_store_credit',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RemoveConstraint(
            model_name='refund',
            name='refunds_refund_effect_exactly_via_account',
        ),
        AddConstraintNotValid(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('effect__isnull', True), ('via__in', ['', 'manual', 'exchange', 'store_credit'])), models.Q(models.Q(('via__in', ['', 'manual', 'exchange', 'store_credit']), _negated=True), ('effect__isnull', False)), _connector='OR'), name='refunds_refund_effect_exactly_outside'),
        ),
        migrations.CreateModel(
            name='StoreCredit',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.TextField(db_collation='C', unique=True)),
                ('code', models.TextField(db_collation='C', unique=True)),
                ('shop_id', models.UUIDField()),
                ('currency', models.TextField()),
                ('amount_minor', models.BigIntegerField()),
                ('remaining_minor', models.BigIntegerField(default=0)),
                ('is_expired', models.BooleanField(default=False)),
                ('status', models.GeneratedField(db_persist=True, expression=models.Case(models.When(is_expired=True, then=models.Value('expired')), models.When(remaining_minor=0, then=models.Value('used')), default=models.Value('active')), output_field=models.TextField(choices=[('active', 'Can be spent'), ('used', 'Used up'), ('expired', 'Expired')]))),
                ('expires_on', models.DateField(null=True)),
                ('issued_at', models.DateTimeField()),
                ('version', models.IntegerField(default=1)),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('refund', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='refunds.refund')),
            ],
            options={
                'db_table': 'refunds_store_credit',
                'indexes': [models.Index(fields=['order', 'id'], name='refunds_store_credits_of_order'), models.Index(fields=['status', '-id'], name='refunds_store_credit_tab'), models.Index(condition=models.Q(('expires_on__isnull', False), ('remaining_minor__gt', 0)), fields=['expires_on'], name='refunds_store_credit_expiry')],
                'constraints': [models.CheckConstraint(condition=models.Q(('remaining_minor__gte', 0), ('remaining_minor__lte', models.F('amount_minor'))), name='refunds_store_credit_never_overspent'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('version__gte', 1)), name='refunds_store_credit_amount'), models.CheckConstraint(condition=models.Q(('is_expired', False), ('remaining_minor', 0), _connector='OR'), name='refunds_store_credit_expired_is_empty'), models.UniqueConstraint(fields=('id', 'shop_id', 'currency'), name='refunds_store_credit_of_shop')],
            },
        ),
        migrations.CreateModel(
            name='CreditMovement',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('shop_id', models.UUIDField()),
                ('currency', models.TextField()),
                ('kind', models.TextField(choices=[('issued', 'Given for a refund'), ('used', 'Paid with it'), ('given_back', 'Gone back to it'), ('expired', 'Expired')])),
                ('delta_minor', models.BigIntegerField()),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('payment', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.payment')),
                ('refund', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='refunds.refund')),
                ('store_credit', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='refunds.storecredit')),
            ],
            options={
                'db_table': 'refunds_credit_movement',
                'indexes': [models.Index(fields=['store_credit', 'id'], name='refunds_movements_of_credit'), models.Index(fields=['order'], name='refunds_movements_of_order')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('delta_minor__gt', 0), ('kind', 'issued'), ('payment__isnull', True), ('refund__isnull', False)), models.Q(('delta_minor__lt', 0), ('kind', 'used'), ('payment__isnull', False), ('refund__isnull', True)), models.Q(('delta_minor__gt', 0), ('kind', 'given_back'), ('payment__isnull', False), ('refund__isnull', False)), models.Q(('delta_minor__lt', 0), ('kind', 'expired'), ('payment__isnull', True), ('refund__isnull', True)), _connector='OR'), name='refunds_credit_movement_kind'), models.UniqueConstraint(fields=('refund',), name='refunds_credit_movement_refund_once'), models.UniqueConstraint(condition=models.Q(('kind', 'used')), fields=('payment',), name='refunds_credit_movement_payment_once'), models.UniqueConstraint(condition=models.Q(('kind', 'used')), fields=('store_credit', 'order'), name='refunds_credit_movement_order_once'), models.UniqueConstraint(condition=models.Q(('kind', 'issued')), fields=('store_credit',), name='refunds_credit_movement_issued_once')],
            },
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0006_tracking'),
        ('stock', '0015_count_plan'),
    ]

    operations = [
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('code', models.TextField(db_collation='C')),
                ('expires_on', models.DateField(null=True)),
                ('is_blocked', models.BooleanField(default=False)),
                ('blocked_reason', models.TextField(default='')),
                ('created_at', models.DateTimeField()),
                ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='catalog.product')),
            ],
            options={
                'db_table': 'stock_lot',
                'indexes': [
                    models.Index(condition=Q(('expires_on__isnull', False), ('is_blocked', False)), fields=['expires_on'], name='stock_lot_expiring'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('product', 'code'), name='stock_lot_once'),
                    models.CheckConstraint(condition=Q(('code__exact', ''), _negated=True), name='stock_lot_code'),
                    models.CheckConstraint(condition=Q(Q(('blocked_reason', ''), ('is_blocked', False)), Q(('is_blocked', True), Q(('blocked_reason', ''), _negated=True)), _connector='OR'), name='stock_lot_blocked_why'),
                ],
            },
        ),
        migrations.AddField(
            model_name='stocklevel',
            name='blocked',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='receipt',
            name='lot',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='stockscan',
            name='lot',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.RemoveConstraint(
            model_name='stocklevel',
            name='stock_level_never_oversold',
        ),
        migrations.AddConstraint(
            model_name='stocklevel',
            constraint=models.CheckConstraint(condition=Q(('on_hand__gte', F('allocated') + F('blocked'))), name='stock_level_never_oversold'),
        ),
        migrations.AddConstraint(
            model_name='stocklevel',
            constraint=models.CheckConstraint(condition=Q(('blocked__gte', 0)), name='stock_level_blocked'),
        ),
        migrations.AddConstraint(
            model_name='stocklevel',
            constraint=models.CheckConstraint(condition=Q(('on_hand__gte', 0)), name='stock_level_on_hand'),
        ),
        migrations.RemoveConstraint(
            model_name='stockscan',
            name='stock_scan_step',
        ),
        migrations.AddConstraint(
            model_name='stockscan',
            constraint=models.CheckConstraint(condition=Q(('step__in', ['from', 'article', 'lot', 'to', 'bin'])), name='stock_scan_step'),
        ),
        migrations.AddIndex(
            model_name='stockmovement',
            index=models.Index(condition=Q(('lot', ''), _negated=True), fields=['product', 'lot'], name='stock_movement_of_lot'),
        ),
        migrations.AddIndex(
            model_name='stockmovement',
            index=models.Index(condition=Q(('lot', ''), _negated=True), fields=['order_id', 'product'], name='stock_movement_lots_of_order'),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stock', '0013_repair_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='StockScan',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('key', models.UUIDField(unique=True)),
                ('flow', models.TextField()),
                ('sku', models.TextField(default='')),
                ('at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('quantity', models.IntegerField(default=0)),
                ('step', models.TextField()),
                ('code', models.TextField(default='')),
                ('expected', models.TextField(default='')),
                ('source_id', models.UUIDField(null=True)),
                ('refusal', models.TextField(default='')),
                ('message', models.TextField(default='')),
                ('answer', models.JSONField()),
                ('actor_name', models.TextField()),
            ],
            options={
                'db_table': 'stock_scan',
            },
        ),
        migrations.RemoveConstraint(
            model_name='bin',
            name='stock_bin_use',
        ),
        migrations.AddConstraint(
            model_name='bin',
            constraint=models.CheckConstraint(condition=models.Q(('use__in', ['face', 'bulk', 'receiving'])), name='stock_bin_use'),
        ),
        migrations.AddField(
            model_name='stockscan',
            name='location',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='stock.stocklocation'),
        ),
        migrations.AddIndex(
            model_name='stockscan',
            index=models.Index(fields=['location', '-id'], name='stock_scan_of_place'),
        ),
        migrations.AddConstraint(
            model_name='stockscan',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 0)), name='stock_scan_pieces'),
        ),
        migrations.AddConstraint(
            model_name='stockscan',
            constraint=models.CheckConstraint(condition=models.Q(('flow__in', ['receive', 'put_away', 'move', 'count'])), name='stock_scan_flow'),
        ),
        migrations.AddConstraint(
            model_name='stockscan',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['from', 'article', 'to', 'bin'])), name='stock_scan_step'),
        ),
        migrations.RunSQL(
            """create trigger stock_scan_append_only before update or delete or truncate on stock_scan
  for each statement execute function refuse_change();
alter table stock_scan add constraint stock_scan_clean_text check (is_clean_text(sku) and is_clean_text(code) and is_clean_text(expected) and is_clean_text(message) and length(sku) <= 100 and length(code) <= 200 and length(expected) <= 200);
alter table stock_scan add constraint stock_scan_booked check (source_id is null or (refusal = '' and sku <> '' and flow <> 'count' and quantity > 0));"""
        ),
    ]

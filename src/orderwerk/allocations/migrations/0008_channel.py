import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('allocations', '0007_shipped_as_picked'),
        ('catalog', '0005_component_guards'),
        ('shops', '0004_cancel_requests_and_expiry'),
        ('stock', '0015_count_plan'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChannelStock',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('reserved', models.IntegerField(default=0)),
                ('safety_stock', models.IntegerField(default=0)),
                ('updated_at', models.DateTimeField()),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='stock.stocklocation')),
                ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='catalog.product')),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='shops.shop')),
            ],
            options={
                'db_table': 'allocations_channel',
                'constraints': [models.UniqueConstraint(fields=('product', 'location', 'shop'), name='allocations_channel_once'), models.CheckConstraint(condition=models.Q(('reserved__gte', 0), ('safety_stock__gte', 0)), name='allocations_channel_bounds')],
            },
        ),
        migrations.RunSQL(
            """alter table allocations_channel add constraint allocations_channel_level_fk foreign key (product_id, location_id) references stock_level (product_id, location_id);
create function channel_withheld(product uuid, place uuid, shop uuid) returns int language sql stable as $$
  select coalesce(sum(case when c.shop_id = shop then c.safety_stock else greatest(0, c.reserved - coalesce((
    select sum(a.quantity) from allocations_allocation a where a.product_id = c.product_id and a.location_id = c.location_id
      and a.shop_id = c.shop_id and a.status in ('allocated', 'picking', 'picked')), 0)) end), 0)::int
  from allocations_channel c join shops_shop_location x on x.location_id = c.location_id and x.shop_id = c.shop_id
  where c.product_id = product and c.location_id = place
$$;"""
        ),
    ]

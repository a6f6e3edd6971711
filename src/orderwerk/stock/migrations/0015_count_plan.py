import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_component_guards'),
        ('stock', '0014_scan'),
    ]

    operations = [
        migrations.CreateModel(
            name='CountPlan',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('a_days', models.SmallIntegerField(null=True)),
                ('b_days', models.SmallIntegerField(null=True)),
                ('c_days', models.SmallIntegerField(null=True)),
                ('basis', models.TextField(default='pieces')),
                ('look_back_days', models.SmallIntegerField(default=90)),
                ('most_a_day', models.IntegerField(default=50)),
                ('updated_at', models.DateTimeField()),
                ('version', models.IntegerField(default=1)),
            ],
            options={
                'db_table': 'stock_count_plan',
            },
        ),
        migrations.AddField(
            model_name='countrequest',
            name='cause',
            field=models.TextField(db_default='asked', default='asked'),
        ),
        migrations.AddIndex(
            model_name='countrequest',
            index=models.Index(condition=models.Q(('cause', 'cycle')), fields=['location', 'requested_at'], name='stock_count_request_cycle'),
        ),
        migrations.AddConstraint(
            model_name='countrequest',
            constraint=models.CheckConstraint(condition=models.Q(('cause__in', ['asked', 'cycle'])), name='stock_count_request_cause'),
        ),
        migrations.AddField(
            model_name='countplan',
            name='location',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to='stock.stocklocation'),
        ),
        migrations.AddConstraint(
            model_name='countplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('a_days__isnull', True), ('a_days__range', (1, 730)), _connector='OR'), models.Q(('b_days__isnull', True), ('b_days__range', (1, 730)), _connector='OR'), models.Q(('c_days__isnull', True), ('c_days__range', (1, 730)), _connector='OR')), name='stock_count_plan_days'),
        ),
        migrations.AddConstraint(
            model_name='countplan',
            constraint=models.CheckConstraint(condition=models.Q(('basis__in', ['pieces', 'visits', 'value']), ('look_back_days__range', (1, 730)), ('most_a_day__range', (1, 2000))), name='stock_count_plan_bounds'),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0002_guards'),
        ('stock', '0010_bin_zone'),
    ]

    operations = [
        migrations.CreateModel(
            name='Wave',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.TextField(db_collation='C', unique=True)),
                ('name', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('created_by', models.TextField()),
                ('location', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='stock.stocklocation')),
            ],
            options={
                'db_table': 'picklists_wave',
                'indexes': [models.Index(fields=['location', '-id'], name='picklists_wave_tab')],
                'constraints': [models.UniqueConstraint(fields=('location', 'id'), name='picklists_wave_of_location')],
            },
        ),
        migrations.AddField(
            model_name='picklist',
            name='method',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='picklist',
            name='wave',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='picklists.wave'),
        ),
        migrations.AddField(
            model_name='pickline',
            name='tote',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name='picklist',
            index=models.Index(condition=models.Q(('wave__isnull', False)), fields=['wave'], name='picklists_of_wave'),
        ),
        migrations.AddConstraint(
            model_name='picklist',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'single'), ('method', '')), models.Q(('kind', 'batch'), ('method__in', ['', 'singles', 'totes', 'sort'])), _connector='OR'), name='picklists_pick_list_method'),
        ),
        migrations.AddConstraint(
            model_name='pickline',
            constraint=models.CheckConstraint(condition=models.Q(('tote__gte', 0)), name='picklists_line_tote'),
        ),
    ]

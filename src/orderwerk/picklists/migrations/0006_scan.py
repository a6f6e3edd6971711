import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0005_steering'),
    ]

    operations = [
        migrations.CreateModel(
            name='PickScan',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('key', models.UUIDField(unique=True)),
                ('pick_line_id', models.UUIDField(null=True)),
                ('at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('picked', models.IntegerField(default=0)),
                ('short', models.IntegerField(default=0)),
                ('step', models.TextField()),
                ('code', models.TextField(default='')),
                ('expected', models.TextField(default='')),
                ('refusal', models.TextField(default='')),
                ('message', models.TextField(default='')),
                ('answer', models.JSONField()),
                ('actor_name', models.TextField()),
                ('pick_list', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='picklists.picklist')),
            ],
            options={
                'db_table': 'picklists_scan',
                'indexes': [models.Index(fields=['pick_list', '-id'], name='picklists_scan_of_list')],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('picked__gte', 0), ('short__gte', 0)), name='picklists_scan_pieces'),
                    models.CheckConstraint(condition=models.Q(('step__in', ['bin', 'article', 'tote'])), name='picklists_scan_step'),
                ],
            },
        ),
        migrations.RunSQL(
            """create trigger picklists_scan_append_only before update or delete or truncate on picklists_scan
  for each statement execute function refuse_change();
alter table picklists_scan add constraint picklists_scan_clean_text check (is_clean_text(code) and is_clean_text(expected) and is_clean_text(message) and length(code) <= 200 and length(expected) <= 200);"""
        ),
    ]

"""Rules that put new orders on hold, and who deals with a hold; what was released stays with whom it was."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
create constraint trigger orders_hold_rules_has_event after insert or update of version on orders_hold_rules
  deferrable initially deferred for each row execute function require_event();
create trigger orders_hold_rules_kept before delete or truncate on orders_hold_rules
  for each statement execute function refuse_change();
alter table orders_hold_rules add constraint orders_hold_rules_clean_text check (is_clean_json(rules));
create trigger orders_hold_assigned_frozen before update of assigned_to_id on orders_hold
  for each row when (old.released_at is not null and old.assigned_to_id is distinct from new.assigned_to_id)
  execute function refuse_frozen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('core', '0003_guards'),
        ('orders', '0018_collect_index'),
        ('shops', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='HoldRules',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('rules', models.JSONField(default=list)),
                ('updated_at', models.DateTimeField()),
                ('version', models.IntegerField(default=1)),
                ('shop', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to='shops.shop')),
            ],
            options={
                'db_table': 'orders_hold_rules',
                'constraints': [models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='orders_hold_rules_version')],
            },
        ),
        migrations.AddField(
            model_name='hold',
            name='rule',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='hold',
            name='assigned_to',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='accounts.user'),
        ),
        migrations.RunSQL(FORWARD),
    ]

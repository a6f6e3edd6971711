"""What lay in a box and never was of its order."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
create trigger returns_finding_append_only before update or delete or truncate on returns_finding
  for each statement execute function refuse_change();
alter table returns_finding add constraint returns_finding_return_fk foreign key (order_id, shop_id, parent_id) references returns_return (order_id, shop_id, id);
alter table returns_finding add constraint returns_finding_clean_text check (is_clean_text(text) and is_clean_text(found_by) and length(text) <= 500);
"""


class Migration(migrations.Migration):
    dependencies = [
        ('catalog', '0010_substitute_guards'),
        ('orders', '0016_collect'),
        ('returns', '0010_claim_photos'),
    ]

    operations = [
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('shop_id', models.UUIDField()),
                ('text', models.TextField(default='')),
                ('quantity', models.IntegerField()),
                ('receipt_id', models.UUIDField(null=True, unique=True)),
                ('found_at', models.DateTimeField()),
                ('found_by', models.TextField()),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('parent', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='returns.return')),
                ('product', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product')),
            ],
            options={
                'db_table': 'returns_finding',
                'indexes': [models.Index(fields=['parent', 'id'], name='returns_findings_of_return')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='returns_finding_quantity'), models.CheckConstraint(condition=models.Q(('product__isnull', False), models.Q(models.Q(('text', ''), _negated=True), ('receipt_id__isnull', True)), _connector='OR'), name='returns_finding_named')],
            },
        ),
        migrations.RunSQL(FORWARD),
    ]

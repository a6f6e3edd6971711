"""The pictures that shops have on their papers, pages and letters; appended, never changed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('core', '0003_guards'),
        ('shops', '0008_collect_checked'),
    ]

    operations = [
        migrations.CreateModel(
            name='Logo',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('set_at', models.DateTimeField()),
                ('set_by', models.TextField()),
                ('content', models.BinaryField()),
                ('sha256', models.BinaryField()),
                ('width', models.IntegerField()),
                ('height', models.IntegerField()),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='shops.shop')),
            ],
            options={
                'db_table': 'shops_logo',
                'indexes': [models.Index(fields=['shop', '-set_at'], name='shops_logo_newest'), models.Index(fields=['sha256'], name='shops_logo_by_hash')],
                'constraints': [models.CheckConstraint(condition=models.Q(('height__gte', 0), ('width__gte', 0)), name='shops_logo_size')],
            },
        ),
        migrations.RunSQL(
            "create trigger shops_logo_append_only before update or delete or truncate on shops_logo "
            "for each statement execute function refuse_change(); "
            "alter table shops_logo add constraint shops_logo_content check "
            "(length(content) <= 64000 and sha256 = sha256(content) and (width = 0) = (content = '') "
            "and is_clean_text(set_by) and width <= 1600 and height <= 800);"
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stock', '0009_count_request_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='bin',
            name='use',
            field=models.TextField(db_default='face', default='face'),
        ),
        migrations.AddField(
            model_name='bin',
            name='zone',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddConstraint(
            model_name='bin',
            constraint=models.CheckConstraint(condition=models.Q(('use__in', ['face', 'bulk'])), name='stock_bin_use'),
        ),
        migrations.RunSQL(
            "alter table stock_bin add constraint stock_bin_clean_zone check (is_clean_text(zone) and length(zone) <= 60)"
        ),
    ]

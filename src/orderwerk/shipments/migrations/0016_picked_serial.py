from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shipments', '0015_collect_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='serial',
            name='pick_line_id',
            field=models.UUIDField(null=True),
        ),
    ]

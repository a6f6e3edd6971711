from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stock', '0010_bin_zone'),
    ]

    operations = [
        migrations.AddField(
            model_name='bin',
            name='aisle',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='bin',
            name='depth',
            field=models.IntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='bin',
            constraint=models.CheckConstraint(condition=models.Q(('aisle__gte', 0), models.Q(('depth__isnull', True), ('depth__gte', 0), _connector='OR')), name='stock_bin_spot'),
        ),
    ]

"""Of what was picked a line knows which pieces lie in its bin again, so that the next ones go back to the right one."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0013_snooze_text_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='pickline',
            name='put_back',
            field=models.IntegerField(db_default=0, default=0),
        ),
        AddConstraintNotValid(
            model_name='pickline',
            constraint=models.CheckConstraint(condition=models.Q(('put_back__gte', 0), ('put_back__lte', models.F('picked'))), name='picklists_line_put_back'),
        ),
    ]

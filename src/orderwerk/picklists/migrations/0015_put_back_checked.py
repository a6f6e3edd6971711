"""Lines from before keep it too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0014_put_back'),
    ]

    operations = [
        ValidateConstraint(model_name='pickline', name='picklists_line_put_back'),
    ]

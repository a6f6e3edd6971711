"""Old policies and lines keep the rules of exchanges too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('return_requests', '0005_exchanges'),
    ]

    operations = [
        ValidateConstraint('returnpolicy', 'return_requests_policy_exchange_short'),
        ValidateConstraint('returnrequestline', 'return_requests_line_wanted'),
    ]

"""The label of a carrier may go with a message."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('emails', '0007_bounce_guards'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='emailattachment',
            name='emails_attachment_kind',
        ),
        AddConstraintNotValid(
            model_name='emailattachment',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['invoice', 'return_label'])), name='emails_attachment_known_kind'),
        ),
    ]

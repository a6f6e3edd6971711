"""Old attachments keep the rule too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('emails', '0010_other_attachments'),
    ]

    operations = [
        ValidateConstraint('emailattachment', 'emails_attachment_kind'),
    ]

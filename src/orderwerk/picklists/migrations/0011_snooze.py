"""A pick list is set aside until a moment, with a note."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

TEXT = (
    "alter table picklists_pick_list add constraint picklists_pick_list_snooze_text check ("
    "is_clean_text(snooze_note) and is_clean_text(snoozed_by) and length(snooze_note) <= 200) not valid"
)


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0010_serial_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='picklist',
            name='snoozed_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='picklist',
            name='snooze_note',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='picklist',
            name='snoozed_by',
            field=models.TextField(db_default='', default=''),
        ),
        AddConstraintNotValid(
            model_name='picklist',
            constraint=models.CheckConstraint(condition=models.Q(('snooze_note', ''), ('snoozed_by', ''), ('snoozed_until__isnull', True)) | models.Q(('snoozed_until__isnull', False), ('status__in', ['open', 'picking'])), name='picklists_pick_list_snoozed'),
        ),
        migrations.RunSQL(TEXT),
    ]

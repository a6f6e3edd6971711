"""Slips may go with a message too, and an attachment says whether it was left out."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

FORWARD = r"""
create function emails_attachment_guard() returns trigger language plpgsql as $$
begin
  if old.left_out or not new.left_out or to_jsonb(new) - 'left_out' <> to_jsonb(old) - 'left_out' then
    raise exception 'what went with a message stays as it is' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
drop trigger emails_attachment_append_only on emails_attachment;
create trigger emails_attachment_append_only before delete or truncate on emails_attachment
  for each statement execute function refuse_change();
create trigger emails_attachment_left_out before update on emails_attachment
  for each row execute function emails_attachment_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ('emails', '0009_label_attachments_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='emailattachment',
            name='left_out',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RemoveConstraint(
            model_name='emailattachment',
            name='emails_attachment_known_kind',
        ),
        AddConstraintNotValid(
            model_name='emailattachment',
            constraint=models.CheckConstraint(
                condition=models.Q(('kind__in', ['invoice', 'packing_slip', 'return_label', 'return_slip'])), name='emails_attachment_kind'
            ),
        ),
        migrations.RunSQL(FORWARD),
    ]

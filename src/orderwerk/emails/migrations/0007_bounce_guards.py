"""What a mail server told of a message is for ever."""

from django.db import migrations

FORWARD = r"""
create trigger emails_bounce_append_only before update or delete or truncate on emails_bounce
  for each statement execute function refuse_change();
alter table emails_bounce add constraint emails_bounce_clean_text check (
  is_clean_text(code) and is_clean_text(reason) and length(code) <= 20 and length(reason) <= 300);
"""

class Migration(migrations.Migration):
    dependencies = [('emails', '0006_bounces')]
    operations = [migrations.RunSQL(FORWARD)]

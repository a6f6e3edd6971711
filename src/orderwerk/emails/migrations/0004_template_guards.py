"""The HTML of a message is frozen like its text; texts are clean, their versions append-only, an event per version."""

from django.db import migrations

FROZEN = "shop_id, order_id, trigger, object_id, recipient, sender, reply_to, subject, body_text, body_html, message_id, effect_id"
_CHANGED = " or ".join(f"old.{name} is distinct from new.{name}" for name in FROZEN.split(", "))

FORWARD = f"""
drop trigger emails_email_frozen on emails_email;
create trigger emails_email_frozen before update of {FROZEN} on emails_email
  for each row when ({_CHANGED}) execute function refuse_frozen();
alter table emails_email add constraint emails_email_html check (is_clean_text(body_html) and length(body_html) <= 200000);

create constraint trigger emails_template_has_event after insert or update of version on emails_template
  deferrable initially deferred for each row execute function require_event();
create constraint trigger emails_automation_has_event after insert or update of version on emails_automation
  deferrable initially deferred for each row execute function require_event();
create trigger emails_template_kept before delete or truncate on emails_template
  for each statement execute function refuse_change();
create trigger emails_template_version_append_only before update or delete or truncate on emails_template_version
  for each statement execute function refuse_change();
alter table emails_template add constraint emails_template_clean_text
  check (is_clean_text(subject) and is_clean_text(body) and length(subject) between 1 and 500 and length(body) between 1 and 20000
         and is_clean_text(trigger) and language ~ '^[a-z]{{2}}$');
alter table emails_template_version add constraint emails_template_version_clean_text
  check (is_clean_text(subject) and is_clean_text(body) and is_clean_text(actor_name));
alter table emails_automation add constraint emails_automation_clean_text check (is_clean_text(trigger) and length(trigger) <= 60);
"""

class Migration(migrations.Migration):
    dependencies = [('emails', '0003_templates'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]

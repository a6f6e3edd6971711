"""A message keeps its text; its status follows the table."""

from django.db import migrations

FORWARD = r"""
create trigger emails_email_status_start before insert on emails_email
  for each row execute function guard_status('queued', '');
create trigger emails_email_status_moves before update of status on emails_email
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'kept>queued,queued>kept,queued>sending,sending>failed,sending>queued,sending>sent,sending>unknown,unknown>failed,unknown>sent');

create trigger emails_email_kept before delete or truncate on emails_email
  for each statement execute function refuse_change();
alter table emails_email add constraint emails_email_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);

create trigger emails_email_frozen before update of shop_id, order_id, trigger, object_id, recipient, sender, subject, body_text, message_id, effect_id on emails_email
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.trigger is distinct from new.trigger or old.object_id is distinct from new.object_id or old.recipient is distinct from new.recipient or old.sender is distinct from new.sender or old.subject is distinct from new.subject or old.body_text is distinct from new.body_text or old.message_id is distinct from new.message_id or old.effect_id is distinct from new.effect_id)
  execute function refuse_frozen();
alter table emails_email add constraint emails_email_clean_text check (is_clean_text(trigger) and is_clean_text(recipient) and is_clean_text(sender) and is_clean_text(reply_to) and is_clean_text(subject) and is_clean_text(body_text) and length(subject) <= 500 and length(body_text) <= 50000);
"""

class Migration(migrations.Migration):
    dependencies = [('emails', '0001_initial'), ('orders', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]

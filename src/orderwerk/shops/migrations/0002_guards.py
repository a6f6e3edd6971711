"""Shops: clean text, an event per version, never deleted."""

from django.db import migrations

FORWARD = r"""
create constraint trigger shops_shop_has_event after insert or update of version on shops_shop
  deferrable initially deferred for each row execute function require_event();

create trigger shops_shop_kept before delete or truncate on shops_shop
  for each statement execute function refuse_change();
alter table shops_shop add constraint shops_shop_clean_text check (is_clean_text(code) and is_clean_text(name) and is_clean_text(sender_email) and is_clean_text(sender_name) and is_clean_text(number_prefix) and is_clean_json(legal) and length(code) <= 60 and length(name) <= 200 and length(number_prefix) <= 20);
"""

class Migration(migrations.Migration):
    dependencies = [('shops', '0001_initial'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]

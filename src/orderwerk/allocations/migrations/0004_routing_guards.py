"""Routing rules: an event per version, clean text, never deleted."""

from django.db import migrations

FORWARD = r"""
create constraint trigger allocations_routing_has_event after insert or update of version on allocations_routing
  deferrable initially deferred for each row execute function require_event();
create trigger allocations_routing_kept before delete or truncate on allocations_routing
  for each statement execute function refuse_change();
alter table allocations_routing add constraint allocations_routing_clean_text check (is_clean_json(rules) and is_clean_json(draft));
"""


class Migration(migrations.Migration):
    dependencies = [('allocations', '0003_routing'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]

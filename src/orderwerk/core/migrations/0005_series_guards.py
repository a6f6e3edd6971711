"""A series only counts up, and is never deleted."""

from django.db import migrations

FORWARD = r"""
create function guard_series() returns trigger language plpgsql as $$
begin
  if new.last_number < old.last_number or new.last_date < old.last_date or new.prefix <> old.prefix
     or new.scope_id <> old.scope_id or new.name <> old.name then
    raise exception 'a series of numbers only goes forward'
      using errcode = 'check_violation', constraint = 'core_series_forward';
  end if;
  return new;
end $$;
create trigger core_series_forward before update on core_series for each row execute function guard_series();
create trigger core_series_kept before delete or truncate on core_series
  for each statement execute function refuse_change();
alter table core_series add constraint core_series_shape check (length(last_hash) = 32 and is_clean_text(prefix) and length(prefix) <= 90);
"""

class Migration(migrations.Migration):
    dependencies = [('core', '0004_series')]
    operations = [migrations.RunSQL(FORWARD)]

"""History is append-only; every version of a thing has its event; statuses only move along the table."""

from django.db import migrations

FORWARD = r"""
create function guard_status() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if not new.status = any (string_to_array(tg_argv[0], ',')) then
      raise exception 'a row of % cannot start as %', tg_table_name, new.status
        using errcode = 'check_violation', constraint = tg_table_name || '_status_start';
    end if;
  elsif not (old.status || '>' || new.status) = any (string_to_array(tg_argv[1], ',')) then
    raise exception 'status of % cannot go from % to %', tg_table_name, old.status, new.status
      using errcode = 'check_violation', constraint = tg_table_name || '_status_moves';
  end if;
  return new;
end $$;

create function refuse_frozen() returns trigger language plpgsql as $$
begin
  raise exception 'what was agreed in % never changes', tg_table_name
    using errcode = 'check_violation', constraint = tg_table_name || '_frozen';
end $$;

-- The second net for "each change has exactly one event": looks at commit whether the version has its event.
create function require_event() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from core_event e where e.aggregate_id = new.id and e.seq = new.version) then
    raise exception 'version % of % % has no event', new.version, tg_table_name, new.id
      using errcode = 'check_violation', constraint = tg_table_name || '_has_event';
  end if;
  return null;
end $$;

create trigger core_event_append_only before update or delete or truncate on core_event
  for each statement execute function refuse_change();
alter table core_event add constraint core_event_clean_text check (is_clean_text(actor_name) and is_clean_json(payload));
alter table core_effect add constraint core_effect_key_shape check (length(business_key) between 1 and 300);
create function guard_effect_key() returns trigger language plpgsql as $$
begin
  raise exception 'the key of an effect is for ever'
    using errcode = 'check_violation', constraint = 'core_effect_key_for_ever';
end $$;
create trigger core_effect_key_for_ever before update of kind, business_key on core_effect
  for each row when (old.kind is distinct from new.kind or old.business_key is distinct from new.business_key)
  execute function guard_effect_key();
"""

class Migration(migrations.Migration):
    dependencies = [('core', '0002_initial')]
    operations = [migrations.RunSQL(FORWARD)]

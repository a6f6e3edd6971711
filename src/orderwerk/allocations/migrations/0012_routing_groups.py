"""Ordered groups of routing rules: what there is lives on in one group, and the version before goes on with one list."""

from django.db import migrations, models

FORWARD = r"""
create function routing_in_one_group(rules jsonb) returns jsonb language sql immutable as $$
  select case when rules is null then null when jsonb_array_length(rules) > 0
    then jsonb_build_array(jsonb_build_object('name', 'Default', 'rules', rules)) else '[]'::jsonb end
$$;
create function routing_in_one_list(groups jsonb) returns jsonb language sql immutable as $$
  select coalesce(jsonb_agg(r.rule order by g.place, r.place), '[]'::jsonb)
  from jsonb_array_elements(groups) with ordinality g(one, place)
  cross join jsonb_array_elements(g.one -> 'rules') with ordinality r(rule, place)
  where coalesce((g.one ->> 'is_active')::boolean, true)
$$;
create function are_routing_groups(groups jsonb) returns boolean language plpgsql immutable as $$
begin
  return groups is null or (
    jsonb_typeof(groups) = 'array'
    and not exists (
      select 1 from jsonb_array_elements(groups) g where jsonb_typeof(g) <> 'object'
        or coalesce(jsonb_typeof(g -> 'name'), '') <> 'string' or btrim(g ->> 'name') = ''
        or coalesce(jsonb_typeof(g -> 'rules'), '') <> 'array' or coalesce(jsonb_typeof(g -> 'is_active'), 'boolean') <> 'boolean')
    and (select count(distinct g ->> 'name') = count(*) from jsonb_array_elements(groups) g));
end $$;
-- The version before writes one list of rules: that becomes one group. This one writes groups: the list follows from them.
create function keep_routing_rules() returns trigger language plpgsql as $$
begin
  if not are_routing_groups(new.groups) or not are_routing_groups(new.draft_groups) then
    raise exception 'these are no groups of routing rules'
      using errcode = 'check_violation', constraint = 'allocations_routing_groups';
  end if;
  if tg_op = 'INSERT' then
    if new.groups = '[]' and new.rules <> '[]' then new.groups := routing_in_one_group(new.rules); end if;
    if new.draft_groups is null and new.draft is not null then new.draft_groups := routing_in_one_group(new.draft); end if;
  else
    if new.groups = old.groups and new.rules <> old.rules then new.groups := routing_in_one_group(new.rules); end if;
    if new.draft_groups is not distinct from old.draft_groups and new.draft is distinct from old.draft then
      new.draft_groups := routing_in_one_group(new.draft);
    end if;
  end if;
  new.rules := routing_in_one_list(new.groups);
  new.draft := case when new.draft_groups is not null then routing_in_one_list(new.draft_groups) end;
  return new;
end $$;
alter table allocations_routing add constraint allocations_routing_groups
  check (is_clean_json(groups) and is_clean_json(draft_groups) and are_routing_groups(groups) and are_routing_groups(draft_groups));
update allocations_routing set groups = routing_in_one_group(rules), draft_groups = routing_in_one_group(draft);
create trigger allocations_routing_rules_kept before insert or update on allocations_routing
  for each row execute function keep_routing_rules();
"""


class Migration(migrations.Migration):
    dependencies = [('allocations', '0011_transfer_peg_guards')]
    operations = [
        migrations.AddField(model_name='routing', name='groups', field=models.JSONField(db_default=[], default=list)),
        migrations.AddField(model_name='routing', name='draft_groups', field=models.JSONField(null=True)),
        migrations.RunSQL(FORWARD),
    ]

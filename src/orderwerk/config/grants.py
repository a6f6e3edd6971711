"""Gives the program's own role what daily work needs and no more: it owns nothing and cannot rewrite history.

Only the embedded server has that role for certain. Elsewhere whoever runs the database may make it (`create role
orderwerk_app`), migrate as the owner, and let the program log in as it.
"""

from orderwerk.core import sql

# What a table's guard refuses to everybody, the role is not even allowed to try. (Bits of tgtype: 8 delete, 16 update.)
_REFUSED = """
  select c.oid, c.relname, word.privilege
  from pg_trigger t join pg_class c on c.oid = t.tgrelid
  join pg_proc p on p.oid = t.tgfoid join pg_namespace n on n.oid = c.relnamespace
  cross join lateral (values ('delete', 8), ('update', 16)) as word(privilege, bit)
  where p.proname = 'refuse_change' and n.nspname = current_schema() and t.tgtype & word.bit > 0
"""
_WANTING = f"""
select 1 from pg_roles r
where r.rolname = 'orderwerk_app' and (
  exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = current_schema() and c.relkind in ('r', 'p', 'v')
            and not has_table_privilege(r.oid, c.oid, 'select'))
  or exists (select 1 from ({_REFUSED}) x where has_table_privilege(r.oid, x.oid, x.privilege))
  -- What a guard refused before, and now lets through on conditions.
  or exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
          cross join lateral (values ('delete'), ('update')) as word(privilege)
          where n.nspname = current_schema() and c.relkind in ('r', 'p') and c.relname <> 'django_migrations'
            and not has_table_privilege(r.oid, c.oid, word.privilege)
            and not exists (select 1 from ({_REFUSED}) x where x.oid = c.oid and x.privilege = word.privilege)))
"""
_GRANT = f"""
do $$
declare refused record;
begin
  execute format('grant usage on schema %I to orderwerk_app', current_schema());
  execute format('grant select, insert, update, delete on all tables in schema %I to orderwerk_app', current_schema());
  execute format('grant usage, select, update on all sequences in schema %I to orderwerk_app', current_schema());
  for refused in {_REFUSED} loop
    execute format('revoke %s on %I from orderwerk_app', refused.privilege, refused.relname);
  end loop;
  revoke insert, update, delete on django_migrations from orderwerk_app;
end $$
"""


def grant_to_program() -> bool:
    """Bring the privileges of the program's role up to date, as the owner; says whether anything was to be done."""
    if not sql.fetch(_WANTING):
        return False
    sql.execute(_GRANT)
    return True

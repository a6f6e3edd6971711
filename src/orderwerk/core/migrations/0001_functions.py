"""SQL functions that tables of every room rely on."""

from django.db import migrations

FORWARD = r"""
create function current_txid() returns bigint language sql volatile as
$$ select pg_current_xact_id()::text::bigint $$;

-- No controls but tab and line breaks, no bidi overrides, nothing invisible (PostgreSQL itself refuses NUL).
create function is_clean_text(value text) returns boolean language sql immutable parallel safe as
$$ select value is null or value !~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]' $$;

-- The same for the strings inside a JSON document, where control characters are written as escapes.
create function is_clean_json(value jsonb) returns boolean language sql immutable parallel safe as
$$ select value is null or (public.is_clean_text(value::text) and value::text !~ '\\u00[01][0-9a-f]') $$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'check_violation', constraint = tg_table_name || '_append_only';
end $$;
"""
BACKWARD = """
drop function refuse_change();
drop function is_clean_json(jsonb);
drop function is_clean_text(text);
drop function current_txid();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

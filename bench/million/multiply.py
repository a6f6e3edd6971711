"""Makes many years of one: every row of an order's life is written again under new ids, numbers, names and times.

The rows are copied inside PostgreSQL, with triggers off and secondary indexes built afterwards; which columns hold ids of
copied rows is read off the rows themselves. Counters that follow ledgers are multiplied, the chains of invoices are
made anew, number by number. `orderwerk check` says whether the result is one that the product could have made.
"""

from dataclasses import dataclass, field
from typing import Any

from orderwerk.core import sql

# What is there once, however many orders there are.
_KEPT_ROOMS = ("account_", "accounts_", "auth_", "axes_", "catalog_", "django_", "mfa_", "portal_", "procrastinate_", "shops_", "stock_")  # fmt: skip
_KEPT = {
    "core_series", "core_outbox", "core_idempotency_key", "orders_tab_count", "emails_automation", "emails_template", "invoices_invoice",
    "return_requests_policy", "return_requests_reason", "allocations_routing", "allocations_channel", "shipments_rule",
}  # fmt: skip
_COPIED_STOCK = {"stock_movement"}
# Only what belongs to an order.
_ONLY = {
    "stock_movement": "order_id is not null",
    "core_event": "aggregate_id in (select id from copied)",
}
_NUMBER = "regexp_replace({0}, '[0-9]+$', '') || (substring({0} from '[0-9]+$')::bigint + k * %(numbers)s)"
# What a movement came from: a shipment, a return, or a walk's picks, which have no row of their own.
_OF_A_COPY = {("stock_movement", "source_id")}
_TEXTS = {
    ("orders_order", "number"): _NUMBER,
    ("orders_order", "external_id"): "{0} || '-' || k",
    ("orders_order", "customer_email"): "replace({0}, '@', '.' || k || '@')",
    ("orders_order", "customer_name"): "replace({0}, ' ', '-' || k %% 97 || ' ')",
    ("orders_order", "customer_phone"): "left({0}, -6) || lpad(((right({0}, 6)::int + k * 7919) %% 1000000)::text, 6, '0')",
    ("orders_search", "doc"): "to_tsvector('simple', concat_ws(' ', {0}::text, 'n' || k %% 97))",
    ("payments_payment", "reference"): "{0} || '-' || k",
    ("core_effect", "business_key"): "{0} || '-' || k",
    ("core_effect", "provider_reference"): "replace({0}, '@', '.' || k || '@')",
    ("emails_email", "message_id"): "replace({0}, '@', '.' || k || '@')",
    ("shipments_shipment", "tracking_code"): "case when {0} = '' then '' else {0} || k end",
    ("shipments_package", "tracking_code"): "case when {0} = '' then '' else {0} || k end",
    **{(table, "number"): _NUMBER for table in (
        "shipments_shipment", "picklists_pick_list", "picklists_wave", "refunds_refund", "refunds_batch", "returns_return",
        "return_requests_request", "return_requests_withdrawal",
    )},
}  # fmt: skip
# A UUIDv7 begins with its milliseconds: a copy's are as much earlier as its times, so it lies in every index where it would
# have come; it ends with the number of the copy, since another's may begin with the same millisecond.
_ID = (
    "(lpad(to_hex((('x' || left(replace({0}::text, '-', ''), 12))::bit(48)::bigint - k * %(apart)s * 1000)), 12, '0') "
    "|| substr(replace({0}::text, '-', ''), 13, 17) || lpad(to_hex(k), 3, '0'))::uuid"
)
# Copies of a week's orders spread over the seven days before.
_TIME = "{0} - k * %(apart)s * interval '1 second'"


@dataclass
class _Table:
    """A table to copy: its columns, and those of them that hold ids of copied rows."""

    name: str
    columns: dict[str, str]
    ids: set[str] = field(default_factory=set)


def multiply(copies: int) -> None:
    """Make of every order `copies`, all of them with what they have lived through."""
    if copies == 1:
        return
    params = {
        "copies": copies,
        "numbers": _most_numbers(),
        "apart": 7 * 86400 // copies,
    }
    sql.execute("set session_replication_role = replica")
    sql.execute("set maintenance_work_mem = '1GB'")
    sql.execute("set synchronous_commit = off")
    tables = _tables()
    _find_ids(tables)
    built = _drop_indexes([t.name for t in tables])
    for table in tables:
        _copy(table, params)
    _multiply_counters(params)
    for definition in built:
        sql.execute(definition)
    _set_sequences(params)
    sql.execute("reset session_replication_role")


def _tables() -> list[_Table]:
    rows = sql.fetch(
        "select c.relname, a.attname, format_type(a.atttypid, null) from pg_class c join pg_attribute a on a.attrelid = c.oid "
        "where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped "
        "and a.attgenerated = '' order by c.relname, a.attnum"
    )
    found: dict[str, _Table] = {}
    for name, column, kind in rows:
        kept = name in _KEPT or (name.startswith(_KEPT_ROOMS) and name not in _COPIED_STOCK)
        if not kept or name == "invoices_invoice":
            found.setdefault(name, _Table(name, {})).columns[column] = kind
    return list(found.values())


def _find_ids(tables: list[_Table]) -> None:
    """Fill in which columns name copied rows; one that names both copied and kept rows is a mistake in this program."""
    sql.execute("create temporary table copied (id uuid)")
    with_ids = [t for t in tables if t.columns.get("id") == "uuid"]
    # Events come last: which of them are copied depends on the others.
    for table in sorted(with_ids, key=lambda t: t.name == "core_event"):
        sql.execute(
            f"insert into copied select id from {table.name} where {_ONLY.get(table.name, 'true')}"
        )
    sql.execute("create index on copied (id)")
    sql.execute("analyze copied")
    for table in tables:
        for column, kind in table.columns.items():
            if kind != "uuid":
                continue
            [(inside, outside)] = sql.fetch(
                f"select count(*) filter (where c.id is not null), count(*) filter (where c.id is null) from {table.name} t "
                f"left join copied c on c.id = t.{column} where t.{column} is not null and {_ONLY.get(table.name, 'true').replace('order_id', 't.order_id').replace('aggregate_id', 't.aggregate_id')}"
            )
            if inside and outside and (table.name, column) not in _OF_A_COPY:
                raise SystemExit(f"{table.name}.{column} names copied and other rows")
            if inside:
                table.ids.add(column)


def _drop_indexes(tables: list[str]) -> list[str]:
    """Drop what no constraint needs; returns how to make it again."""
    rows = sql.fetch(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i "
        "where i.indrelid::regclass::text = any(%s) and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)",
        (tables,),
    )
    for name, _ in rows:
        sql.execute(f"drop index {name}")
    return [definition for _, definition in rows]


def _value(table: _Table, column: str) -> str:
    kind = table.columns[column]
    name = f"t.{column}"
    if (table.name, column) in _TEXTS:
        return _TEXTS[table.name, column].format(name)
    if column in table.ids:
        return _ID.format(name)
    if kind == "timestamp with time zone" and not table.name.startswith("invoices_"):
        return _TIME.format(name)
    return name


def _copy(table: _Table, params: dict[str, Any]) -> None:
    if table.name == "invoices_invoice":
        _copy_invoices(table, params)
        return
    columns = ", ".join(table.columns)
    values = ", ".join(_value(table, column) for column in table.columns)
    where = _ONLY.get(table.name, "true").replace("order_id", "t.order_id").replace("aggregate_id", "t.aggregate_id")  # fmt: skip
    sql.execute(
        f"insert into {table.name} ({columns}) select {values} from generate_series(1, %(copies)s - 1) k cross join {table.name} t where {where}",
        params,
    )


# Number n of a series becomes the numbers from (n - 1) * copies + 1 to n * copies, so that dates go on rising with numbers.
_CHAIN = """
do $$
declare
  row record; h bytea; series uuid; s bigint; n text; c text;
begin
  for row in select t.*, k from template_invoices t cross join generate_series(0, COPIES - 1) k order by t.series_id, t.sequence, k loop
    if series is distinct from row.series_id then
      series := row.series_id;
      h := decode(repeat('00', 32), 'hex');
    end if;
    s := (row.sequence - 1) * COPIES + row.k + 1;
    n := regexp_replace(row.number, '[0-9]+$', '') || lpad(s::text, greatest(5, length(s::text)), '0');
    c := replace(row.content, '"number":"' || row.number || '"', '"number":"' || n || '"');
    insert into chained values (row.id, row.k, s, n, c, h, sha256(h || convert_to(c, 'UTF8')));
    h := sha256(h || convert_to(c, 'UTF8'));
  end loop;
end $$
"""


def _copy_invoices(table: _Table, params: dict[str, Any]) -> None:
    sql.execute("create temporary table template_invoices as select * from invoices_invoice")
    sql.execute(
        "create temporary table chained (id uuid, k bigint, sequence int, number text, content text, prev_hash bytea, hash bytea)"
    )
    sql.execute(_CHAIN.replace("COPIES", str(params["copies"])))
    made = {"sequence", "number", "content", "prev_hash", "hash"}
    columns = ", ".join(table.columns)
    values = ", ".join(
        f"c.{column}" if column in made
        else f"case when k = 0 then t.{column} else {_value(table, column)} end" if column in table.ids
        else _value(table, column)
        for column in table.columns
    )  # fmt: skip
    sql.execute("delete from invoices_invoice")
    sql.execute(
        f"insert into invoices_invoice ({columns}) select {values} from chained c join template_invoices t using (id) order by c.k desc, t.id",
        params,
    )
    sql.execute(
        "update core_series s set last_number = c.sequence, last_hash = c.hash from "
        "(select distinct on (t.series_id) t.series_id, c.sequence, c.hash from chained c join template_invoices t using (id) "
        "order by t.series_id, c.sequence desc) c where s.id = c.series_id"
    )
    sql.execute("drop table chained, template_invoices")


def _multiply_counters(params: dict[str, Any]) -> None:
    """Let stock and counts follow the ledgers that were multiplied."""
    for statement in (
        "update stock_movement set delta = delta * %(copies)s where order_id is null",
        "update stock_level set on_hand = on_hand * %(copies)s, allocated = allocated * %(copies)s",
        "update stock_bin_stock set quantity = quantity * %(copies)s, planned = planned * %(copies)s",
        "update orders_tab_count set n = n * %(copies)s",
    ):
        sql.execute(statement, params)


def _most_numbers() -> int:
    [(most,)] = sql.fetch(
        "select max(last_value) from pg_sequences where sequencename like '%%\\_number'"
    )
    return int(most)


def _set_sequences(params: dict[str, Any]) -> None:
    for (name,) in sql.fetch(
        "select sequencename from pg_sequences where sequencename like '%%\\_number' and last_value is not null"
    ):
        sql.execute(
            f"select setval('{name}', last_value + %(copies)s::bigint * %(numbers)s) from {name}",
            params,
        )

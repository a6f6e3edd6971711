"""The second net: what gets past the commands, as SQL of the program's own, is refused by PostgreSQL, each by its own rule."""

import pytest
from django.db import Error, connection, transaction
from psycopg.errors import UndefinedObject

from tests.checks.conftest import Planted


def _again(table: str, changes: str, where: str) -> str:
    """Return a statement that writes rows of a table once more, some columns changed; what PostgreSQL derives is left out."""
    return (
        "do $$ declare names text; begin "
        f"select string_agg(quote_ident(attname), ', ') into names from pg_attribute where attrelid = '{table}'::regclass "
        "and attnum > 0 and not attisdropped and attgenerated = ''; "
        f"execute format('insert into {table} (%1$s) select %1$s from (select (jsonb_populate_record(t, jsonb_build_object("
        f"''id'', gen_random_uuid(), {_quoted(changes)}))).* from {table} t where {_quoted(where)}) copy', names); end $$"
    )


def _quoted(text: str) -> str:
    return text.replace("'", "''").replace("%", "%%")


_NEW = "'number', 'X1', 'sequence', 900, 'trigger_key', 'x'"
_DEBIT, _CREDIT = "order_id = '{o2}' and kind = 'debit'", "order_id = '{o2}' and kind = 'credit'"
_REFUND = "order_id = '{o2}'"
# Two labels for packages of one shipment.
_LABELS = (
    "insert into shipments_label (id, shop_id, order_id, shipment_id, location_id, package_id, position, carrier_account_id, carrier, "
    "product, status, effect_id, attempts, barcode, asked, address, note, created_at, version) select gen_random_uuid(), shop_id, "
    "order_id, id, location_id, {package}, n, '{{shop}}', 'postnl', '3085', 'ordered', gen_random_uuid(), 1, {barcode}, 0, '', '', "
    "now(), 1 from shipments_shipment, generate_series(1, 2) n where order_id = '{{o1}}'"
)

# By the name of the rule: what it has to refuse.
GUARDS: dict[str, str] = {
    "orders_line_quantities": "update orders_line set cancelled = quantity where id = '{l1}'",
    "orders_line_claimed": "update orders_line set returned = shipped + 1 where id = '{l2}'",
    "orders_line_frozen": "update orders_line set unit_price_minor = unit_price_minor + 1 where id = '{l1}'",
    "orders_order_frozen": "update orders_order set currency = 'GBP' where id = '{o1}'",
    "orders_order_has_event": "update orders_order set version = version + 1 where id = '{o1}'; set constraints orders_order_has_event immediate",
    "orders_order_never_over_credited": "update orders_order set credited_minor = invoiced_minor + 1 where id = '{o2}'",
    "orders_order_clean_text": "update orders_order set comment = e'a\\u202eb' where id = '{o1}'",
    "stock_level_never_oversold": "update stock_level set allocated = on_hand + 1 where location_id = '{place}'",
    "stock_level_only_by_movement": "update stock_level set on_hand = on_hand + 1 where location_id = '{place}'",
    "stock_movement_one_cause": _again("stock_movement", "'reason', 'x'", "location_id = '{place}'"),
    "stock_movement_append_only": "update stock_movement set reason = 'x' where location_id = '{place}'",
    "allocations_allocation_shipped_as_picked": "update allocations_allocation set shipped_unpicked = false where order_id = '{o2}'",
    "shipments_line_shipment_fk": "update shipments_line set shipment_id = (select min(id::text)::uuid from shipments_shipment where order_id = '{o2}') where order_id = '{o1}'; set constraints all immediate",
    "shipments_line_one_live": _again("shipments_line", "'quantity', 1", "order_id = '{o1}'"),
    "shipments_label_barcode_once": _LABELS.format(package="gen_random_uuid()", barcode="'3SDEVC1'"),
    "shipments_label_package_id_key": _LABELS.format(package="id", barcode="'3SDEVC' || n"),
    "picklists_line_one_open_list": _again("picklists_line", "'position', 900", "order_id = '{o1}'"),
    "return_requests_line_shipped": (
        _again("return_requests_request", "'number', 'X1', 'status', 'requested', 'finished_at', null", "order_id = '{o3}'")
        + "; insert into return_requests_line select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'quantity', 100, "
        "'request_id', (select id from return_requests_request where number = 'X1')))).* from return_requests_line t where order_id = '{o3}'"
    ),
    "payments_payment_amounts": "update payments_payment set refunded_reserved_minor = captured_minor + 1 where order_id = '{o2}'",
    "payments_payment_currency_fk": _again("payments_payment", "'reference', 'x', 'currency', 'JPY'", "order_id = '{o1}'"),
    "invoices_invoice_currency_fk": _again("invoices_invoice", f"{_NEW}, 'currency', 'JPY'", _DEBIT),
    "invoices_invoice_sums": _again("invoices_invoice", _NEW, _DEBIT) + "; set constraints invoices_invoice_sums immediate",
    "invoices_invoice_counters": f"update invoices_invoice set refund_reserved_minor = refundable_minor + 1 where {_CREDIT}",
    "invoices_invoice_once_per_return": _again("invoices_invoice", _NEW, "order_id = '{o3}' and kind = 'credit'"),
    "invoices_invoice_gapless": _again("invoices_invoice", "'number', 'X1', 'trigger_key', 'x'", _DEBIT),
    "invoices_invoice_once_per_trigger": _again("invoices_invoice", "'number', 'X1', 'sequence', 900", _DEBIT),
    "invoices_invoice_debit_fk": _again("invoices_invoice", f"{_NEW}, 'debit_id', (select id from invoices_invoice where order_id = '{{o1}}')", _CREDIT),
    "invoices_invoice_frozen": "update invoices_invoice set content = 'x' where order_id = '{o1}'",
    "invoices_line_never_over_credited": "update invoices_line set credited = quantity + 1 where order_id = '{o2}' and credited > 0 or order_id = '{o1}'",
    "invoices_line_return_worth": _again("invoices_line", "'position', 99, 'base_minor', 1000000, 'net_minor', 1000000 - tax_minor, 'gross_minor', 1000000", "order_line_id = '{l3}' and debit_line_id is not null") + "; set constraints invoices_line_return_worth immediate",
    "returns_return_fee_off_a_credit": _again("returns_return", "'number', 'X1', 'request_id', null, 'is_credited', false, 'fee_minor', 100", "order_id = '{o3}'"),
    "invoices_document_hash": "insert into invoices_document (id, invoice_id, format, sha256, content, created_at) select gen_random_uuid(), id, 'pdf', sha256('\\x02'), '\\x01', now() from invoices_invoice where order_id = '{o1}'",
    "refunds_refund_amount": _again("refunds_refund", "'number', 'X1', 'amount_minor', -100", _REFUND),
    "payments_payment_amount": _again("payments_payment", "'reference', 'x', 'amount_minor', -1", "order_id = '{o1}'"),
    "payments_entry_amount": _again("payments_entry", "'source_version', 900, 'amount_minor', 0", "order_id = '{o1}'"),
    "refunds_refund_on_a_credit": _again("refunds_refund", "'number', 'X1', 'credit_kind', 'debit', 'credit_id', (select debit_id from invoices_invoice where id = t.credit_id)", _REFUND),
    "refunds_refund_payment_fk": _again("refunds_refund", "'number', 'X1', 'payment_id', (select id from payments_payment where order_id = '{o1}')", _REFUND),
    "refunds_refund_four_eyes": _again("refunds_refund", "'number', 'X1', 'four_eyes', true, 'author_id', '{o1}'::uuid, 'approver_id', '{o1}'::uuid, 'approver_name', 'x'", _REFUND),
    "refunds_reversal_refund_id_key": "insert into refunds_reversal (id, refund_id, shop_id, order_id, currency, amount_minor, note, at) select gen_random_uuid(), id, shop_id, order_id, currency, amount_minor, '', now() from refunds_refund, generate_series(1, 2) where order_id = '{o2}'",
    "core_event_once_per_version": _again("core_event", "'kind', kind", "aggregate_id = '{o1}' and seq = 1"),
    "core_event_append_only": "update core_event set kind = 'x' where aggregate_id = '{o1}'",
    "core_effect_key_for_ever": "update core_effect set business_key = 'other'",
    "core_effect_reference_once": "update core_effect set provider_reference = 'same'",
    "emails_email_once_per_trigger": _again("emails_email", "'message_id', 'x', 'effect_id', gen_random_uuid()", "order_id = '{o2}'") ,
    "core_idempotency_key_once": "insert into core_idempotency_key select gen_random_uuid(), '{o1}', 'k', '\\x00', 200, '\\x00', now() from generate_series(1, 2)",
    "payments_account_secret_encrypted": "insert into payments_account (id, shop_id, provider, secret, signing_secret, mode, is_active, check_note, created_at, updated_at) values (gen_random_uuid(), '{shop}', 'mollie', 'live_plain', '', 'live', true, '', now(), now())",
}  # fmt: skip


def _refused_by(statement: str, names: dict[str, object]) -> str:
    """Run a statement and undo it; returns what refused it, "nothing" where nothing did."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(**names))
            transaction.set_rollback(True)
    except Error as error:
        if isinstance(error.__cause__, UndefinedObject):
            return f"nothing: {error}"
        diagnosis = getattr(error.__cause__, "diag", None)
        return str(getattr(diagnosis, "constraint_name", None) or error)
    return "nothing"


@pytest.mark.django_db
def test_what_gets_past_the_commands_is_refused_by_the_rule_that_is_there_for_it(planted: Planted) -> None:  # fmt: skip
    found = {rule: _refused_by(statement, planted.names) for rule, statement in GUARDS.items()}

    unguarded = {r: by for r, by in found.items() if r not in by or by.startswith("nothing")}
    assert unguarded == {}, "\n".join(f"{rule}: {by}" for rule, by in unguarded.items())

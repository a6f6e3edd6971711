"""Rules that PostgreSQL keeps, each taken away once."""

from lab.mutations.mutation import Schema

_NEVER = "tests/flows/test_never.py"
_RACES = "tests/races/test_races.py"
_TIES = "tests/architecture/test_schema.py"
_DIRECT = "tests/checks/test_last_guards.py"
_FILES = "tests/refunds/test_blank_batches.py"
_CONTESTED = (
    "tests/refunds/test_contested_exchanges.py",
    "tests/refunds/test_contested_credits.py",
)

IN_SCHEMA: tuple[Schema, ...] = (
    Schema(1, "cancelled, shipped and allocated pieces within what was ordered", "orders_line.orders_line_quantities", (_NEVER, _DIRECT)),
    Schema(2, "returned pieces were shipped", "orders_line.orders_line_claimed", (_DIRECT,)),
    Schema(5, "what was ordered never changes", "orders_line.orders_line_frozen", (_DIRECT,)),
    Schema(6, "no more asked back than left", "return_requests_line.return_requests_line_shipped", (_DIRECT, "tests/returns/test_requests.py")),
    Schema(7, "statuses move only along their tables", "allocations_allocation.allocations_allocation_status_moves", (_TIES,)),
    Schema(8, "a claim stands in one live line of a shipment", "shipments_line.shipments_line_one_live", (_DIRECT,)),
    Schema(9, "a claim stands on one open pick list", "picklists_line.picklists_line_one_open_list", (_DIRECT,)),
    Schema(10, "what leaves was picked", "allocations_allocation.allocations_allocation_shipped_as_picked", (_DIRECT, "tests/flows/test_shipped_as_picked.py")),
    Schema(11, "a shipment's lines are of its order, shop and place", "shipments_line.shipments_line_shipment_fk", (_DIRECT,)),
    Schema(12, "a carrier's barcode stands for one parcel", "shipments_label.shipments_label_barcode_once", (_DIRECT,)),
    Schema(12, "a package has one label", "shipments_label.shipments_label_package_id_key", (_DIRECT,)),
    Schema(13, "no more claimed than is there", "stock_level.stock_level_never_oversold", (_DIRECT,)),
    Schema(15, "a movement has one cause", "stock_movement.stock_movement_one_cause", (_DIRECT,)),
    Schema(15, "the ledger of stock is never rewritten", "stock_movement.stock_movement_append_only", ("tests/core/test_uow.py", _DIRECT)),
    Schema(17, "an invoice is in its order's currency", "invoices_invoice.invoices_invoice_currency_fk", (_DIRECT,)),
    Schema(18, "a document is the sum of its lines", "invoices_invoice.invoices_invoice_sums", (_DIRECT,)),
    Schema(19, "no more goes back of a payment than came in", "payments_payment.payments_payment_amounts", (_DIRECT,)),
    Schema(19, "a charge back follows its money", "payments_payment.refunds_payment_contests", _CONTESTED),
    Schema(19, "whether a payment is contested follows its money alone", "payments_payment.refunds_payment_contested_only_by_payment", _CONTESTED),
    Schema(19, "what an exchange pays with contested money is contested", "refunds_refund.refunds_refund_passes_contest", _CONTESTED),
    Schema(19, "a store credit of contested money is contested", "refunds_store_credit.refunds_store_credit_starts_contested", _CONTESTED),
    Schema(19, "whether a store credit is contested follows its payment alone", "refunds_store_credit.refunds_store_credit_only_by_payment", _CONTESTED),
    Schema(20, "no more is credited than was invoiced and came in", "orders_order.orders_order_never_over_credited", (_DIRECT,)),
    Schema(21, "no line is credited above itself", "invoices_line.invoices_line_never_over_credited", (_DIRECT,)),
    Schema(22, "no credit is paid back above itself", "invoices_invoice.invoices_invoice_counters", (_DIRECT,)),
    Schema(23, "a refund stands on a credit invoice", "refunds_refund.refunds_refund_on_a_credit", (_DIRECT,)),
    Schema(23, "a refund names a payment of its order", "refunds_refund.refunds_refund_payment_fk", (_TIES, _DIRECT)),
    Schema(23, "what stands in a file for the bank is paid by hand", "refunds_refund.refunds_refund_in_a_batch_by_hand", (_FILES,)),
    Schema(24, "a refund comes back once", "refunds_reversal.refunds_reversal_refund_id_key", (_DIRECT,)),
    Schema(25, "a return is credited once per invoice", "invoices_invoice.invoices_invoice_once_per_return", (_DIRECT,)),
    Schema(27, "money back is posted in the ledger", "refunds_refund.refunds_refund_posted", ("tests/refunds/test_ledger.py",)),
    Schema(27, "money that comes in, or is taken back, is posted", "payments_payment.payments_payment_reposted", ("tests/refunds/test_ledger.py",)),
    Schema(27, "money that comes back is posted", "refunds_reversal.refunds_reversal_posted", ("tests/providers/test_sending.py",)),
    Schema(28, "a number of a series is given once", "invoices_invoice.invoices_invoice_gapless", (_DIRECT,)),
    Schema(30, "an issued document never changes", "invoices_invoice.invoices_invoice_frozen", ("tests/invoices/test_issue.py", _DIRECT)),
    Schema(30, "a file for the bank never changes", "refunds_batch.refunds_batch_frozen", (_FILES,)),
    Schema(30, "a file for the bank is never taken away", "refunds_batch.refunds_batch_kept", (_FILES,)),
    Schema(30, "whom a file paid is never rewritten", "refunds_transfer.refunds_transfer_append_only", (_FILES,)),
    Schema(30, "names stay in a file for the bank until its term, and go alone", "refunds_batch.refunds_batch_blanking", (_FILES,)),
    Schema(31, "a credit names a debit of its order", "invoices_invoice.invoices_invoice_debit_fk", (_DIRECT,)),
    Schema(32, "one document per cause", "invoices_invoice.invoices_invoice_once_per_trigger", (_DIRECT,)),
    Schema(33, "a stored document is the one with its hash", "invoices_document.invoices_document_hash", (_DIRECT,)),
    Schema(33, "a file for the bank is the one with its hash", "refunds_batch.refunds_batch_hash", (_FILES,)),
    Schema(35, "a status is the consequence of what happened", "alter table orders_order alter column status drop expression", ("tests/flows/test_place.py",)),
    Schema(36, "a version has one event", "core_event.core_event_once_per_version", (_DIRECT,)),
    Schema(36, "no change without its event", "orders_order.orders_order_has_event", (_DIRECT,)),
    Schema(36, "history is never rewritten", "core_event.core_event_append_only", ("tests/core/test_uow.py",)),
    Schema(37, "an effect keeps its key for ever", "core_effect.core_effect_key_for_ever", (_DIRECT,)),
    Schema(38, "a provider's reference stands for one effect", "core_effect.core_effect_reference_once", (_DIRECT,)),
    Schema(39, "a message is written once per cause", "emails_email.emails_email_once_per_trigger", (_DIRECT,)),
    Schema(42, "a key is used once", "core_idempotency_key.core_idempotency_key_once", (_DIRECT,)),
    Schema(43, "a webshop's order exists once", "orders_order.orders_order_external_id_once", (_RACES, _DIRECT)),
    Schema(46, "what belongs to an order is of its shop", "orders_hold.orders_hold_order_fk", (_TIES,)),
    Schema(48, "nobody approves what he asked for", "refunds_refund.refunds_refund_four_eyes", (_DIRECT,)),
    Schema(50, "secrets are stored encrypted", "payments_account.payments_account_secret_encrypted", (_DIRECT,)),
    Schema(51, "instants have a zone", "alter table core_event add column seen timestamp", (_TIES,)),
    Schema(52, "no text that deceives the eye", "create or replace function is_clean_text(value text) returns boolean immutable language sql as 'select true'", (_DIRECT,)),
)  # fmt: skip

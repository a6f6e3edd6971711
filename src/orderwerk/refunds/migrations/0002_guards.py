"""A refund keeps its amount, credit invoice and payment, all of one order; its status follows the table."""

from django.db import migrations

COLUMNS = (
    'id', 'number', 'shop_id', 'order_id', 'currency', 'credit_id', 'credit_kind', 'payment_id', 'provider', 'amount_minor', 'mode',
    'four_eyes', 'author_id', 'author_name', 'created_at',
)
CHANGED = ' or '.join(f'old.{c} is distinct from new.{c}' for c in COLUMNS)
FORWARD = rf"""
create sequence refunds_number start 1001;

create trigger refunds_refund_status_start before insert on refunds_refund
  for each row execute function guard_status('approved,awaiting_approval', '');
create trigger refunds_refund_status_moves before update of status on refunds_refund
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'approved>rejected,approved>submitted,awaiting_approval>approved,awaiting_approval>rejected,failed>approved,submitted>failed,submitted>succeeded');
create constraint trigger refunds_refund_has_event after insert or update of version on refunds_refund
  deferrable initially deferred for each row execute function require_event();
create trigger refunds_refund_kept before delete or truncate on refunds_refund
  for each statement execute function refuse_change();
create trigger refunds_refund_frozen before update of {', '.join(COLUMNS)} on refunds_refund
  for each row when ({CHANGED}) execute function refuse_frozen();
alter table refunds_refund add constraint refunds_refund_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table refunds_refund add constraint refunds_refund_credit_fk
  foreign key (credit_id, credit_kind, shop_id, order_id, currency) references invoices_invoice (id, kind, shop_id, order_id, currency);
alter table refunds_refund add constraint refunds_refund_payment_fk
  foreign key (payment_id, shop_id, order_id, currency) references payments_payment (id, shop_id, order_id, currency);
alter table refunds_refund add constraint refunds_refund_clean_text check (
  is_clean_text(note) and is_clean_text(provider_reference) and is_clean_text(author_name) and is_clean_text(approver_name)
  and length(note) <= 500 and length(provider_reference) <= 200);
"""

class Migration(migrations.Migration):
    dependencies = [('refunds', '0001_initial')]
    operations = [migrations.RunSQL(FORWARD)]

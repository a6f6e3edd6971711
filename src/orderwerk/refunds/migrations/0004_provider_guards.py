"""A reversal is for ever and belongs to its refund; what went to a provider stays with it."""

from django.db import migrations

FORWARD = r"""
-- What was handed over before there were providers was handed to a person.
update refunds_refund set via = 'manual' where submitted_at is not null;

create trigger refunds_reversal_append_only before update or delete or truncate on refunds_reversal
  for each statement execute function refuse_change();
alter table refunds_reversal add constraint refunds_reversal_of_refund
  foreign key (refund_id, shop_id, order_id, currency) references refunds_refund (id, shop_id, order_id, currency);
alter table refunds_reversal add constraint refunds_reversal_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table refunds_reversal add constraint refunds_reversal_clean_text check (is_clean_text(note) and length(note) <= 500);
alter table refunds_refund add constraint refunds_refund_effect_fk foreign key (effect_id) references core_effect (id);
alter table refunds_refund add constraint refunds_refund_handed_over check (status in ('awaiting_approval', 'approved', 'rejected') or via <> '');
alter table refunds_refund add constraint refunds_refund_provider_text check (is_clean_text(provider_status) and length(provider_status) <= 60);
"""

class Migration(migrations.Migration):
    dependencies = [('refunds', '0003_providers')]
    operations = [migrations.RunSQL(FORWARD)]

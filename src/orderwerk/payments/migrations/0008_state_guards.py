"""An expired payment is a status of its own; money may still come in after it."""

from django.db import migrations

FORWARD = r"""
drop trigger payments_payment_status_start on payments_payment;
drop trigger payments_payment_status_moves on payments_payment;
create trigger payments_payment_status_start before insert on payments_payment
  for each row execute function guard_status('authorized,expired,failed,paid,pending', '');
create trigger payments_payment_status_moves before update of status on payments_payment
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'authorized>expired,authorized>failed,authorized>paid,expired>authorized,expired>paid,failed>authorized,failed>paid,pending>authorized,pending>expired,pending>failed,pending>paid');
"""

class Migration(migrations.Migration):
    dependencies = [('payments', '0007_states')]
    operations = [migrations.RunSQL(FORWARD)]

"""No payment bears the name of what the product itself takes money as, in other letters: `Store_Credit` looks like it and is not.

Payments that were recorded so before are money from outside: their provider's name gets `outside-` in front.
"""

from django.db import migrations

FORWARD = r"""
create function is_own_name_in_other_letters(provider text) returns boolean language sql immutable as $$
  select provider not in ('store_credit', 'orderwerk') and regexp_replace(lower(provider), '[^a-z0-9]', '', 'g') in ('storecredit', 'orderwerk')
$$;

do $$
begin
  if exists (select 1 from payments_payment where is_own_name_in_other_letters(provider)) then
    alter table payments_payment disable trigger payments_payment_frozen;
    update payments_payment set provider = left('outside-' || provider, 60) where is_own_name_in_other_letters(provider);
    alter table payments_payment enable trigger payments_payment_frozen;
  end if;
end $$;

alter table payments_payment add constraint payments_payment_provider_named_once check (not is_own_name_in_other_letters(provider)) not valid;
"""


class Migration(migrations.Migration):
    dependencies = [('payments', '0014_newest_entries')]
    operations = [migrations.RunSQL(FORWARD)]

"""One payment at a provider stands for one payment here, whatever shop or name it comes under."""

from django.db import migrations, models

GUARDS = """
alter table payments_payment add constraint payments_payment_at_provider_text check (is_clean_text(at_provider) and length(at_provider) <= 200);
create trigger payments_payment_at_provider_frozen before update of at_provider on payments_payment
  for each row when (old.at_provider <> '' and old.at_provider is distinct from new.at_provider) execute function refuse_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [('payments', '0012_capture_guards')]
    operations = [
        migrations.AddField(
            model_name='payment',
            name='at_provider',
            field=models.TextField(db_collation='C', db_default='', default=''),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(
                fields=['provider', 'at_provider'],
                name='payments_payment_at_provider_once',
                condition=~models.Q(at_provider=''),
            ),
        ),
        migrations.RunSQL(GUARDS),
    ]

"""Old refunds and lines of the ledger keep the rules of store credits too; looked at while everybody goes on writing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('refunds', '0014_store_credit_guards'),
    ]

    operations = [
        migrations.RunSQL('alter table refunds_refund validate constraint refunds_refund_effect_exactly_outside'),
        migrations.RunSQL('alter table payments_entry validate constraint payments_entry_accounts'),
    ]

"""A return says what was taken off its credit because returning costs something; what was booked does not change."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

FORWARD = r"""
create trigger returns_return_fee_frozen before update of fee_minor on returns_return
  for each row when (old.fee_minor is distinct from new.fee_minor) execute function refuse_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [
        ('returns', '0015_once_of_request'),
    ]

    operations = [
        migrations.AddField(
            model_name='return',
            name='fee_minor',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        AddConstraintNotValid(
            model_name='return',
            constraint=models.CheckConstraint(condition=models.Q(('fee_minor', 0), models.Q(('fee_minor__gt', 0), ('is_credited', True)), _connector='OR'), name='returns_return_fee_off_a_credit'),
        ),
        migrations.RunSQL(FORWARD),
    ]

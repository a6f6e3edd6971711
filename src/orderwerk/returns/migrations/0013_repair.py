"""A claim may stand for goods that are here for repair, and says how they went back."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

FORWARD = r"""
alter table returns_claim add constraint returns_claim_tracking_text check (
  is_clean_text(carrier) and is_clean_text(tracking_code) and length(carrier) <= 60 and length(tracking_code) <= 100) not valid;
drop trigger returns_claim_status_moves on returns_claim;
create trigger returns_claim_status_moves before update of status on returns_claim
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'open>refunded,open>rejected,open>repaired,open>replaced');
"""


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0010_repair'),
        ('returns', '0012_erase_findings'),
    ]

    operations = [
        migrations.AddField(
            model_name='claim',
            name='carrier',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='claim',
            name='tracking_code',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AlterField(
            model_name='claim',
            name='kind',
            field=models.TextField(choices=[('damaged', 'Damaged'), ('lost', 'Lost'), ('missing', 'Missing in the parcel'), ('kept', 'Kept by the customer'), ('repair', 'Here for repair')]),
        ),
        migrations.AlterField(
            model_name='claim',
            name='status',
            field=models.TextField(choices=[('open', 'Open'), ('refunded', 'Refunded'), ('replaced', 'Replaced'), ('rejected', 'Rejected'), ('repaired', 'Repaired')]),
        ),
        migrations.RemoveConstraint(
            model_name='claim',
            name='returns_claim_known_words',
        ),
        AddConstraintNotValid(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['damaged', 'lost', 'missing', 'kept', 'repair']), ('status__in', ['open', 'refunded', 'replaced', 'rejected', 'repaired'])), name='returns_claim_own_words'),
        ),
        AddConstraintNotValid(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'repair'), ('request__isnull', False)), models.Q(models.Q(('kind', 'repair'), _negated=True), models.Q(('status', 'repaired'), _negated=True), ('carrier', ''), ('tracking_code', '')), _connector='OR'), name='returns_claim_repair'),
        ),
        migrations.RunSQL(FORWARD),
    ]

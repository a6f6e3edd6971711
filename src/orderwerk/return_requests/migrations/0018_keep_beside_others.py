"""To keep the goods is never all that customers may choose: whose goods cost more than may be kept could send nothing back."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0017_keep_wish_checked'),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='returnpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('outcomes', []), models.Q(('outcomes__contained_by', ['keep']), _negated=True), _connector='OR'), name='return_requests_policy_keep_not_alone'),
        ),
        # A shop that offered nothing else takes the goods back for money too.
        migrations.RunSQL("update return_requests_policy set outcomes = '{refund,keep}' where outcomes <@ '{keep}' and outcomes <> '{}'"),
    ]

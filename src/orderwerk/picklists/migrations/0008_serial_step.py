from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0007_lot_step'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='pickscan',
            name='picklists_scan_step',
        ),
        AddConstraintNotValid(
            model_name='pickscan',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['bin', 'article', 'lot', 'serial', 'tote'])), name='picklists_scan_step'),
        ),
    ]

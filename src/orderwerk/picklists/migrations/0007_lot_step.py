from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0006_scan'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='pickscan',
            name='picklists_scan_step',
        ),
        migrations.AddConstraint(
            model_name='pickscan',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['bin', 'article', 'lot', 'tote'])), name='picklists_scan_step'),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0004_batch_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='picklist',
            name='is_urgent',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='picklist',
            name='paused_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='picklist',
            index=models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['finished_at'], name='picklists_finished'),
        ),
        migrations.AddConstraint(
            model_name='picklist',
            constraint=models.CheckConstraint(condition=models.Q(('paused_at__isnull', True), ('status__in', ['open', 'picking']), _connector='OR'), name='picklists_pick_list_paused'),
        ),
    ]

"""How goods may come back, what each reason asks for, and what goods were sold for when they were announced."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0021_gifts_checked'),
        ('stock', '0021_location_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='returnpolicy',
            name='free_reasons',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='returnpolicy',
            name='photo_reasons',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='returnpolicy',
            name='checked_reasons',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='returnpolicy',
            name='ways',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='returnpolicy',
            name='drop_locations',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, size=None),
        ),
        AddConstraintNotValid(
            model_name='returnpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('ways__contained_by', ['label', 'own', 'location']), models.Q(models.Q(('ways__contains', ['location']), models.Q(('drop_locations', []), _negated=True)), models.Q(models.Q(('ways__contains', ['location']), _negated=True), ('drop_locations', [])), _connector='OR')), name='return_requests_policy_ways'),
        ),
        migrations.RunSQL(
            "alter table return_requests_policy add constraint return_requests_policy_codes check ("
            "is_clean_text(concat_ws(' ', free_reasons::text, photo_reasons::text, checked_reasons::text, drop_locations::text))) not valid"
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='worth_minor',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='way',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='bring_to',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stock.stocklocation'),
        ),
        AddConstraintNotValid(
            model_name='returnrequest',
            constraint=models.CheckConstraint(condition=models.Q(('worth_minor__isnull', True), models.Q(('worth_minor__gte', 0), models.Q(('fee_minor', 0), ('outcome', 'keep'), ('worth_minor__gt', models.F('fee_minor')), _connector='OR')), _connector='OR'), name='return_requests_request_worth'),
        ),
        AddConstraintNotValid(
            model_name='returnrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bring_to__isnull', False), ('way', 'location')), models.Q(('bring_to__isnull', True), ('way__in', ['', 'own'])), models.Q(('bring_to__isnull', True), ('is_gift', False), ('way', 'label')), _connector='OR'), name='return_requests_request_way'),
        ),
    ]

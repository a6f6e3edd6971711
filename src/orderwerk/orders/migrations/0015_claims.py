"""Pieces that were claimed as damaged or lost: they do not come back as well."""

import django.db.models.expressions
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('catalog', '0010_substitute_guards'),
        ('orders', '0014_substitution_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderline',
            name='claimed',
            field=models.IntegerField(db_default=0, default=0),
        ),
        AddConstraintNotValid(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('claimed__gte', 0), ('shipped__gte', django.db.models.expressions.CombinedExpression(models.F('returned'), '+', models.F('claimed')))), name='orders_line_claimed'),
        ),
    ]

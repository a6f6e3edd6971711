"""A line without VAT says why where an exemption is the reason; what bears VAT has none."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0029_searched_newest_first'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderline',
            name='vat_exemption',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='orderline',
            name='vat_exemption_code',
            field=models.TextField(db_default='', default=''),
        ),
        AddConstraintNotValid(
            model_name='orderline',
            constraint=models.CheckConstraint(
                condition=Q(tax_rate=0) | Q(vat_exemption='', vat_exemption_code=''),
                name='orders_line_exempt',
            ),
        ),
    ]

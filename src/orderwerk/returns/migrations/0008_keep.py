"""A claim may stand for goods that a customer announced to send back, and keeps."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0007_keep'),
        ('returns', '0007_store_credit'),
    ]

    operations = [
        migrations.AddField(
            model_name='claim',
            name='request',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='return_requests.returnrequest'),
        ),
        migrations.AlterField(
            model_name='claim',
            name='kind',
            field=models.TextField(choices=[('damaged', 'Damaged'), ('lost', 'Lost'), ('missing', 'Missing in the parcel'), ('kept', 'Kept by the customer')]),
        ),
        migrations.RemoveConstraint(
            model_name='claim',
            name='returns_claim_words',
        ),
        AddConstraintNotValid(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['damaged', 'lost', 'missing', 'kept']), ('status__in', ['open', 'refunded', 'replaced', 'rejected'])), name='returns_claim_known_words'),
        ),
        migrations.RunSQL(
            "alter table returns_claim add constraint returns_claim_request_fk "
            "foreign key (order_id, shop_id, request_id) references return_requests_request (order_id, shop_id, id) not valid"
        ),
    ]

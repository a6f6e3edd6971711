"""Whoever received goods as a gift may send them back, for a store credit of their own, where the shop lets them."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0019_keep_beside_others_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='returnpolicy',
            name='gift_returns',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='is_gift',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='receiver_name',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='receiver_email',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='receiver_language',
            field=models.TextField(db_default='', default=''),
        ),
        AddConstraintNotValid(
            model_name='returnrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_gift', False), ('receiver_email', ''), ('receiver_language', ''), ('receiver_name', '')), models.Q(('in_box_of__isnull', True), ('is_gift', True), ('is_kept', False), ('outcome', 'store_credit'), ('receiver_language__in', ['nl', 'en', 'de', 'fr']), models.Q(('receiver_name', ''), _negated=True), models.Q(('receiver_email', ''), _negated=True)), _connector='OR'), name='return_requests_request_gift'),
        ),
        migrations.RunSQL(
            "alter table return_requests_request add constraint return_requests_request_receiver check ("
            "is_clean_text(receiver_name) and is_clean_text(receiver_email) and length(receiver_name) <= 200 and length(receiver_email) <= 254) not valid"
        ),
        # Whose it is stays: money that is on its way to the one is never turned to the other.
        migrations.RunSQL(
            "create trigger return_requests_request_gift_stays before update of is_gift on return_requests_request "
            "for each row when (old.is_gift is distinct from new.is_gift) execute function refuse_frozen()"
        ),
    ]

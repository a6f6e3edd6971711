"""Boxes that were to go two ways before that was refused: what does not go the way of its box goes by itself."""

from django.db import migrations

FORWARD = r"""
update return_requests_request m set in_box_of_id = null
from return_requests_request h
where h.id = m.in_box_of_id and m.status in ('requested', 'approved')
  and return_requests_goes(h.way, h.bring_to_id) <> return_requests_goes(m.way, m.bring_to_id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ('return_requests', '0026_boxes_of_one_way'),
    ]

    operations = [
        migrations.RunSQL(FORWARD),
    ]

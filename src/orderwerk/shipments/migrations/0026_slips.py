"""What a packing slip says is kept when its parcel leaves; slips of parcels that left before are set from what stands now."""

from django.db import migrations, models

FORWARD = """
create trigger shipments_slip_append_only before update or delete or truncate on shipments_slip
  for each statement execute function refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [('shipments', '0025_carriers')]

    operations = [
        migrations.CreateModel(
            name='Slip',
            fields=[
                ('shipment', models.OneToOneField(on_delete=models.deletion.PROTECT, primary_key=True, serialize=False, to='shipments.shipment')),
                ('sender_name', models.TextField()),
                ('sender_address', models.TextField()),
                ('sender_email', models.TextField()),
                ('lines', models.JSONField()),
                ('more', models.BooleanField()),
            ],
            options={'db_table': 'shipments_slip'},
        ),
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
    ]

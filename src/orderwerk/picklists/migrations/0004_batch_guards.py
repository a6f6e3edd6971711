"""A wave is of one location and stays what it was named; each order of a batch has a tote of its own."""

from django.db import migrations

FORWARD = r"""create sequence picklists_wave_number start 1001;

create trigger picklists_wave_append_only before update or delete or truncate on picklists_wave
  for each statement execute function refuse_change();
alter table picklists_wave add constraint picklists_wave_clean_text check (is_clean_text(name) and is_clean_text(created_by) and length(name) between 1 and 200);
alter table picklists_pick_list add constraint picklists_pick_list_wave_fk foreign key (location_id, wave_id) references picklists_wave (location_id, id);
"""


class Migration(migrations.Migration):
    dependencies = [('picklists', '0003_batches')]
    operations = [migrations.RunSQL(FORWARD)]

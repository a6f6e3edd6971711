"""The box of a package is text as its tracking code is: of one line's length, without signs that nobody sees."""

from django.db import migrations

FORWARD = (
    "alter table shipments_package add constraint shipments_package_box_text "
    "check (is_clean_text(box) and length(box) <= 200) not valid"
)


class Migration(migrations.Migration):
    dependencies = [('shipments', '0022_box_sizes_version')]
    operations = [migrations.RunSQL(FORWARD)]

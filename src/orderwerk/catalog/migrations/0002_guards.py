"""Products: clean text, an event per version, never deleted."""

from django.db import migrations

FORWARD = r"""
create constraint trigger catalog_product_has_event after insert or update of version on catalog_product
  deferrable initially deferred for each row execute function require_event();

create trigger catalog_product_kept before delete or truncate on catalog_product
  for each statement execute function refuse_change();
alter table catalog_product add constraint catalog_product_clean_text check (is_clean_text(sku) and is_clean_text(name) and is_clean_text(gtin) and is_clean_text(hs_code) and is_clean_text(origin_country) and is_clean_text(image_url) and length(sku) <= 100 and length(name) <= 500);
"""

class Migration(migrations.Migration):
    dependencies = [('catalog', '0001_initial'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]

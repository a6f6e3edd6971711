"""A kit consists of products, never of kits."""

from django.db import migrations

FORWARD = r"""
create function catalog_refuse_nested_kit() returns trigger language plpgsql as $$
begin
  if exists (select 1 from catalog_component c where c.kit_id = new.product_id or c.product_id = new.kit_id) then
    raise exception 'a kit cannot be part of a kit'
      using errcode = 'check_violation', constraint = 'catalog_component_not_nested';
  end if;
  return null;
end $$;
create constraint trigger catalog_component_not_nested after insert or update on catalog_component
  for each row execute function catalog_refuse_nested_kit();
create trigger catalog_component_kept before truncate on catalog_component
  for each statement execute function refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [('catalog', '0004_components'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]

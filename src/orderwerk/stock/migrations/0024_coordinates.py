"""Locations and postal codes may have coordinates, by which routing knows how far a parcel travels."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

PLACES = r"""
alter table stock_postal_place add constraint stock_postal_place_text check (
  country ~ '^[A-Z]{2}$' and prefix ~ '^[0-9A-Z-]{1,20}$');

create function postal_point(country text, code text) returns double precision[] language sql stable parallel safe as $$
  select array[p.latitude, p.longitude] from stock_postal_place p
  where p.country = $1 and p.prefix = any(array(
    select left(c.code, n) from (select left(upper(regexp_replace($2, '\s', '', 'g')), 20) as code) c, generate_series(1, length(c.code)) n))
  order by length(p.prefix) desc limit 1
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("stock", "0023_cost_currency_valid")]

    operations = [
        migrations.AddField(
            model_name="stocklocation",
            name="latitude",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="stocklocation",
            name="longitude",
            field=models.FloatField(null=True),
        ),
        AddConstraintNotValid(
            model_name="stocklocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("latitude__isnull", True), ("longitude__isnull", True))
                | models.Q(
                    ("latitude__gte", -90),
                    ("latitude__isnull", False),
                    ("latitude__lte", 90),
                    ("longitude__gte", -180),
                    ("longitude__isnull", False),
                    ("longitude__lte", 180),
                ),
                name="stock_location_point",
            ),
        ),
        migrations.CreateModel(
            name="PostalPlace",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("country", models.TextField(db_collation="C")),
                ("prefix", models.TextField(db_collation="C")),
                ("latitude", models.FloatField()),
                ("longitude", models.FloatField()),
            ],
            options={
                "db_table": "stock_postal_place",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("country", "prefix"), name="stock_postal_place_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("latitude__gte", -90),
                            ("latitude__lte", 90),
                            ("longitude__gte", -180),
                            ("longitude__lte", 180),
                        ),
                        name="stock_postal_place_range",
                    ),
                ],
            },
        ),
        migrations.RunSQL(PLACES),
    ]

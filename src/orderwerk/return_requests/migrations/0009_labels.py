"""A shop's carrier for returns, and the labels that are asked for there; what is made stays, and goes when its order is erased."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
create trigger return_requests_carrier_kept before delete or truncate on return_requests_carrier
  for each statement execute function refuse_change();
create trigger return_requests_carrier_frozen before update of shop_id on return_requests_carrier
  for each row when (old.shop_id is distinct from new.shop_id) execute function refuse_frozen();
alter table return_requests_carrier add constraint return_requests_carrier_clean_text check (
  customer_code ~ '^[A-Z]{2,6}$' and customer_number ~ '^[0-9]{1,8}$' and reply_number ~ '^[1-9][0-9]{0,4}$'
  and is_clean_text(company) and is_clean_text(postal_code) and is_clean_text(city) and is_clean_text(countries::text)
  and length(company) between 1 and 35 and length(city) between 1 and 35 and length(postal_code) between 6 and 7);

create trigger return_requests_label_status_start before insert on return_requests_label
  for each row execute function guard_status('ordered', '');
create trigger return_requests_label_status_moves before update of status on return_requests_label
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'failed>ordered,ordered>failed,ordered>made');
create constraint trigger return_requests_label_has_event after insert or update of version on return_requests_label
  deferrable initially deferred for each row execute function require_event();
create trigger return_requests_label_kept before delete or truncate on return_requests_label
  for each statement execute function refuse_change();
-- A label keeps its request; a barcode that the carrier may know is given up for no other; a paper that is made changes no more
-- (but for the one byte that erasing leaves).
create trigger return_requests_label_frozen before update on return_requests_label
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.request_id is distinct from new.request_id
    or old.created_at is distinct from new.created_at
    or (old.asked > 1 and old.barcode is distinct from new.barcode)
    or (old.barcode <> '' and new.barcode not in ('', old.barcode))
    or (old.status = 'made' and (old.barcode, old.made_at, old.carrier) is distinct from (new.barcode, new.made_at, new.carrier))
    or (old.content is not null and old.content is distinct from new.content and new.content is distinct from '\x00'))
  execute function refuse_frozen();
alter table return_requests_label add constraint return_requests_label_request_fk foreign key (order_id, shop_id, request_id) references return_requests_request (order_id, shop_id, id);
alter table return_requests_label add constraint return_requests_label_carrier_fk foreign key (carrier_account_id, shop_id) references return_requests_carrier (id, shop_id);
alter table return_requests_label add constraint return_requests_label_effect_fk foreign key (effect_id) references core_effect (id);
alter table return_requests_label add constraint return_requests_label_clean_text check (
  is_clean_text(carrier) and is_clean_text(barcode) and is_clean_text(note) and length(barcode) <= 40 and length(note) <= 500
  and octet_length(content) between 1 and 2097152);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_guards"),
        ("orders", "0016_collect"),
        ("return_requests", "0008_keep_checked"),
        ("shops", "0003_four_eyes"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReturnCarrier",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("carrier", models.TextField()),
                ("secret", models.TextField()),
                ("mode", models.TextField()),
                ("customer_code", models.TextField()),
                ("customer_number", models.TextField()),
                ("company", models.TextField()),
                ("reply_number", models.TextField()),
                ("postal_code", models.TextField()),
                ("city", models.TextField()),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("is_paperless", models.BooleanField(default=False)),
                ("is_automatic", models.BooleanField(default=True)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "shop",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="shops.shop"
                    ),
                ),
            ],
            options={
                "db_table": "return_requests_carrier",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("id", "shop"), name="return_requests_carrier_of_shop"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("secret__startswith", "enc1:")),
                        name="return_requests_carrier_secret_encrypted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mode__in", ["live", "test"]), ("carrier__in", ["postnl"])
                        ),
                        name="return_requests_carrier_words",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnLabel",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("shop_id", models.UUIDField()),
                ("carrier", models.TextField()),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("ordered", "Asked for at the carrier"),
                            ("made", "Ready"),
                            ("failed", "Failed"),
                        ]
                    ),
                ),
                ("effect_id", models.UUIDField(unique=True)),
                ("attempts", models.IntegerField(default=1)),
                ("barcode", models.TextField(db_collation="C", default="")),
                ("asked", models.IntegerField(default=0)),
                ("is_paperless", models.BooleanField(default=False)),
                ("content", models.BinaryField(null=True)),
                ("note", models.TextField(default="")),
                ("created_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                (
                    "carrier_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="return_requests.returncarrier",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="orders.order",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="label",
                        to="return_requests.returnrequest",
                    ),
                ),
            ],
            options={
                "db_table": "return_requests_label",
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "ordered")),
                        fields=["id"],
                        name="return_requests_labels_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("barcode", ""), _negated=True),
                        fields=("carrier", "barcode"),
                        name="return_requests_label_barcode_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["ordered", "made", "failed"])),
                        name="return_requests_label_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("asked__gte", 0), ("attempts__gte", 1), ("version__gte", 1)
                        ),
                        name="return_requests_label_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("content__isnull", False),
                                ("made_at__isnull", False),
                                ("status", "made"),
                                models.Q(("barcode", ""), _negated=True),
                            ),
                            models.Q(
                                ("content__isnull", True),
                                ("made_at__isnull", True),
                                models.Q(("status", "made"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="return_requests_label_made",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD),
    ]

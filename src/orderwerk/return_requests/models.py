"""Return requests with their lines and photos; statements of withdrawal; return reasons; what each shop takes back."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from orderwerk.catalog.models import Product
from orderwerk.orders.models import Order, OrderLine
from orderwerk.return_requests.label_models import ReturnCarrier as ReturnCarrier  # noqa: PLC0414 - Django finds models here
from orderwerk.return_requests.label_models import ReturnLabel as ReturnLabel  # noqa: PLC0414 - Django finds models here
from orderwerk.return_requests.statuses import Origin, Outcome, ReturnRequestStatus, Way, WhenShort
from orderwerk.shops.models import Shop
from orderwerk.stock.models import StockLocation


class ReturnReason(models.Model):
    """Why goods come back: one entry of the merchant's own list, named per language. Written by upsert_return_reasons."""

    id = models.UUIDField(primary_key=True)
    code = models.TextField(unique=True, db_collation="C")
    names = models.JSONField()
    is_active = models.BooleanField(default=True)
    position = models.IntegerField(default=0)

    class Meta:
        db_table = "return_requests_reason"
        constraints = [
            models.CheckConstraint(
                condition=Q(position__gte=0), name="return_requests_reason_position"
            )
        ]


class ReturnPolicy(models.Model):
    """What a shop takes back and how; a shop without a row has the defaults. Written by set_return_policies.

    `countries` empty: from everywhere. `fee_minor`: what a return costs the customer, in the shop's currency.
    `exchange_short`: what becomes of an exchange whose article is not in stock: it waits for it, or the money goes back.
    `store_credit_days`: how long a store credit that a refund gives can be spent; empty: for ever.
    `keep_up_to_minor`: what of one order was sold for at most so much may be kept by the customer, over all its requests;
    empty: nothing may, and nobody can ask for it (`keep` among the outcomes, never alone there).
    `gift_returns`: whoever received goods as a gift may send them back for a store credit of their own.
    `free_reasons`, `photo_reasons`, `checked_reasons`: reasons, by code, for which a return costs nothing, customers show a
    picture, a colleague decides. `ways`: how goods may come back, empty: as the shop tells; `drop_locations`: stock locations,
    by code, to which they may be brought. `version` grows with every change, so that nobody overwrites what they have not seen.
    """

    shop = models.OneToOneField(Shop, models.PROTECT, primary_key=True)
    outcomes = ArrayField(models.TextField(), default=list)
    countries = ArrayField(models.TextField(), default=list)
    excluded_skus = ArrayField(models.TextField(), default=list)
    fee_minor = models.BigIntegerField(default=0)
    approve_at_once = models.BooleanField(default=False)
    colour = models.TextField(default="")
    instructions = models.JSONField(default=dict)
    exchange_short = models.TextField(default=WhenShort.BACKORDER, db_default="backorder")
    store_credit_days = models.IntegerField(null=True)
    keep_up_to_minor = models.BigIntegerField(null=True)
    gift_returns = models.BooleanField(default=False, db_default=False)
    free_reasons = ArrayField(models.TextField(), default=list, db_default=[])
    photo_reasons = ArrayField(models.TextField(), default=list, db_default=[])
    checked_reasons = ArrayField(models.TextField(), default=list, db_default=[])
    ways = ArrayField(models.TextField(), default=list, db_default=[])
    drop_locations = ArrayField(models.TextField(), default=list, db_default=[])
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        db_table = "return_requests_policy"
        constraints = [
            models.CheckConstraint(
                condition=Q(version__gte=1), name="return_requests_policy_version"
            ),
            models.CheckConstraint(
                condition=Q(fee_minor__gte=0), name="return_requests_policy_fee"
            ),
            models.CheckConstraint(
                condition=Q(exchange_short__in=WhenShort.values),
                name="return_requests_policy_exchange_short",
            ),
            models.CheckConstraint(
                condition=Q(store_credit_days__gte=1, store_credit_days__lte=36_500),
                name="return_requests_policy_store_credit_days",
            ),
            models.CheckConstraint(
                condition=Q(keep_up_to_minor__gt=0), name="return_requests_policy_keep_up_to"
            ),
            models.CheckConstraint(
                condition=Q(keep_up_to_minor__isnull=False) | ~Q(outcomes__contains=[Outcome.KEEP]),
                name="return_requests_policy_keep_wish",
            ),
            # Whose goods cost more than may be kept could send nothing back.
            models.CheckConstraint(
                condition=Q(outcomes=[]) | ~Q(outcomes__contained_by=[Outcome.KEEP]),
                name="return_requests_policy_keep_not_alone",
            ),
            # Who is to bring it is told where to, and nobody is told a place where nothing is taken.
            models.CheckConstraint(
                condition=Q(ways__contained_by=Way.values)
                & (
                    Q(ways__contains=[Way.LOCATION]) & ~Q(drop_locations=[])
                    | ~Q(ways__contains=[Way.LOCATION]) & Q(drop_locations=[])
                ),
                name="return_requests_policy_ways",
            ),
        ]


class ReturnRequest(models.Model):
    """What a customer announced to send back of one order. What really comes may differ, and completes it.

    `in_box_of`: the request of the same customer in whose box its goods travel; that one lies in no other's.
    `is_gift`: announced by whoever received the goods as a gift; `receiver_…`: who that is, and how to write to them. What
    comes of it goes to them as store credit, and the buyer is not told. `worth_minor`: what its goods were sold for when it was
    announced; empty: from before that was kept. `way`: how they come, `bring_to`: the stock location to which; as the customer chose.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    number = models.TextField(unique=True, db_collation="C")
    status = models.TextField(choices=ReturnRequestStatus.choices)
    outcome = models.TextField(choices=Outcome.choices, default=Outcome.REFUND)
    origin = models.TextField(choices=Origin.choices)
    comment = models.TextField(default="")
    fee_minor = models.BigIntegerField(default=0)
    is_favour = models.BooleanField(default=False)
    is_kept = models.BooleanField(default=False, db_default=False)
    is_gift = models.BooleanField(default=False, db_default=False)
    receiver_name = models.TextField(default="", db_default="")
    receiver_email = models.TextField(default="", db_default="")
    receiver_language = models.TextField(default="", db_default="")
    worth_minor = models.BigIntegerField(null=True)
    way = models.TextField(default="", db_default="")
    bring_to = models.ForeignKey(
        StockLocation,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    in_box_of = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    decision_note = models.TextField(default="")
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "return_requests_request"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "shop_id", "id"], name="return_requests_request_of_order"
            ),
            models.CheckConstraint(
                condition=Q(status__in=ReturnRequestStatus.values),
                name="return_requests_request_status",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values) & Q(origin__in=Origin.values),
                name="return_requests_request_wishes",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "approved"], finished_at__isnull=True)
                | Q(status__in=["rejected", "cancelled", "completed"], finished_at__isnull=False),
                name="return_requests_request_finished_at",
            ),
            models.CheckConstraint(
                condition=Q(fee_minor__gte=0, version__gte=1), name="return_requests_request_bounds"
            ),
            # A gift is given back for store credit, by somebody whom we can reach, and by itself.
            models.CheckConstraint(
                condition=Q(
                    is_gift=False, receiver_name="", receiver_email="", receiver_language=""
                )
                | Q(
                    is_gift=True,
                    outcome=Outcome.STORE_CREDIT,
                    is_kept=False,
                    in_box_of__isnull=True,
                    receiver_language__in=["nl", "en", "de", "fr"],
                )
                & ~Q(receiver_name="")
                & ~Q(receiver_email=""),
                name="return_requests_request_gift",
            ),
            # What would give nothing back is not announced; nothing is sent while it may be kept.
            models.CheckConstraint(
                condition=Q(worth_minor__isnull=True)
                | Q(worth_minor__gte=0)
                & (Q(fee_minor=0) | Q(outcome=Outcome.KEEP) | Q(worth_minor__gt=F("fee_minor"))),
                name="return_requests_request_worth",
            ),
            # A carrier's label shows the buyer's address, which no receiver of a gift sees.
            models.CheckConstraint(
                condition=Q(way=Way.LOCATION, bring_to__isnull=False)
                | Q(way__in=["", Way.OWN], bring_to__isnull=True)
                | Q(way=Way.LABEL, bring_to__isnull=True, is_gift=False),
                name="return_requests_request_way",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="return_requests_of_order"),
            models.Index(fields=["status", "-id"], name="return_requests_tab"),
            models.Index(
                fields=["in_box_of"],
                name="return_requests_in_box",
                condition=Q(in_box_of__isnull=False),
            ),
        ]


class ReturnRequestLine(models.Model):
    """So many pieces of an order line that were announced, and why; `wanted` is the article that is asked for instead."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    request = models.ForeignKey(
        ReturnRequest, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    order_line = models.ForeignKey(OrderLine, models.PROTECT, db_constraint=False, db_index=False)
    quantity = models.IntegerField()
    reason = models.ForeignKey(ReturnReason, models.PROTECT, db_index=False)
    wanted = models.ForeignKey(Product, models.PROTECT, null=True, db_index=False, related_name="+")
    wanted_quantity = models.IntegerField(null=True)

    class Meta:
        db_table = "return_requests_line"
        constraints = [
            models.CheckConstraint(
                condition=Q(wanted__isnull=True, wanted_quantity__isnull=True)
                | Q(wanted__isnull=False, wanted_quantity__gt=0, wanted_quantity__lte=1_000_000),
                name="return_requests_line_wanted",
            ),
            models.UniqueConstraint(
                fields=["request", "order_line"], name="return_requests_line_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="return_requests_line_quantity"
            ),
        ]
        indexes = [
            models.Index(fields=["order_line"], name="return_requests_line_of_line"),
        ]


class ReturnPhoto(models.Model):
    """A picture that the customer sent along, as it came; written by add_photos, at most five a request."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    request = models.ForeignKey(
        ReturnRequest, models.PROTECT, db_constraint=False, db_index=False, related_name="photos"
    )
    position = models.IntegerField()
    media_type = models.TextField()
    content = models.BinaryField()

    class Meta:
        db_table = "return_requests_photo"
        constraints = [
            models.UniqueConstraint(
                fields=["request", "position"], name="return_requests_photo_once"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=5), name="return_requests_photo_position"
            ),
            models.CheckConstraint(
                condition=Q(media_type__in=["image/jpeg", "image/png", "image/webp"]),
                name="return_requests_photo_type",
            ),
        ]


class Withdrawal(models.Model):
    """A consumer's statement of withdrawal from the contract, as it was made; it never changes.

    Its moment and content are what the receipt proves (Directive 2011/83/EU, art. 11a, added by Directive 2023/2673).
    `lines` empty: from the whole contract. Written by record_withdrawals.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    request = models.ForeignKey(
        ReturnRequest, models.PROTECT, db_constraint=False, db_index=False, null=True
    )
    number = models.TextField(unique=True, db_collation="C")
    name = models.TextField()
    email = models.TextField()
    language = models.TextField()
    lines = models.JSONField()
    in_time = models.BooleanField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "return_requests_withdrawal"
        constraints = [
            models.CheckConstraint(
                condition=Q(language__in=["nl", "en", "de", "fr"]),
                name="return_requests_withdrawal_language",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="return_requests_withdrawals"),
        ]

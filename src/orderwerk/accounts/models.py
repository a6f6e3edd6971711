"""People and API tokens. Passwords and tokens are kept only as hashes."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from orderwerk.core import clock, ids
from orderwerk.shops.models import Shop
from orderwerk.stock.models import StockLocation


class Role(models.TextChoices):
    """What a person does here; rules.py says what each role may."""

    OWNER = "owner", _("Owner")
    CUSTOMER_SERVICE = "customer_service", _("Customer service")
    WAREHOUSE = "warehouse", _("Warehouse")
    FINANCE = "finance", _("Finance")
    READ_ONLY = "read_only", _("Read only")


class Language(models.TextChoices):
    """A language of the console."""

    ENGLISH = "en", "English"
    DUTCH = "nl", "Nederlands"


class Theme(models.TextChoices):
    """How the console looks to one person."""

    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class UserManager(BaseUserManager["User"]):
    """Finds people by the name they log in with."""

    @override
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=(username or "").lower())


class User(AbstractBaseUser):
    """One person who may log in; written by create_users, update_users and the login itself, never deleted."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    username = models.TextField(unique=True, db_collation="C")
    name = models.TextField()
    email = models.TextField(default="")
    role = models.TextField(choices=Role.choices)
    is_active = models.BooleanField(default=True)
    language = models.TextField(choices=Language.choices, default=Language.ENGLISH)
    theme = models.TextField(choices=Theme.choices, default=Theme.AUTO)
    # False: only the shops (locations) in UserShop (UserLocation); so that an empty list never means everything.
    all_shops = models.BooleanField(default=True)
    all_locations = models.BooleanField(default=True)
    # Counts up to end every session of this person at once; see get_session_auth_hash.
    session_epoch = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    class Meta:
        db_table = "accounts_user"
        constraints = [
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="accounts_user_email_once"
            ),
            models.CheckConstraint(
                condition=Q(username__regex=r"^[a-z0-9][a-z0-9._@+-]{0,63}$"),
                name="accounts_user_username",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="accounts_user_named"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="accounts_user_role"),
            models.CheckConstraint(
                condition=Q(language__in=Language.values), name="accounts_user_language"
            ),
            models.CheckConstraint(condition=Q(theme__in=Theme.values), name="accounts_user_theme"),
            models.CheckConstraint(
                condition=Q(session_epoch__gte=1), name="accounts_user_session_epoch"
            ),
            models.CheckConstraint(
                condition=Q(all_locations=True) | Q(role=Role.WAREHOUSE),
                name="accounts_user_locations_of_warehouse",
            ),
        ]

    def get_full_name(self) -> str:
        """Return the name that others read."""
        return self.name

    @override
    def get_session_auth_hash(self) -> str:
        """Return what a session is bound to: it ends when the password or the session epoch changes."""
        return salted_hmac(
            "orderwerk.accounts.session",
            f"{self.session_epoch}:{self.password}",
            algorithm="sha256",
        ).hexdigest()


class UserShop(models.Model):
    """A shop that a person with all_shops = false may see."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    user = models.ForeignKey(User, models.CASCADE, related_name="shop_limits")
    shop = models.ForeignKey(Shop, models.PROTECT)

    class Meta:
        db_table = "accounts_user_shop"
        constraints = [
            models.UniqueConstraint(fields=["user", "shop"], name="accounts_user_shop_once")
        ]


class UserLocation(models.Model):
    """A stock location that a warehouse person with all_locations = false may see."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    user = models.ForeignKey(User, models.CASCADE, related_name="location_limits")
    location = models.ForeignKey(StockLocation, models.PROTECT)

    class Meta:
        db_table = "accounts_user_location"
        constraints = [
            models.UniqueConstraint(fields=["user", "location"], name="accounts_user_location_once")
        ]


class ApiToken(models.Model):
    """One program that may call the API; the token itself is shown once, only its SHA-256 is here."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    name = models.TextField()
    token_sha256 = models.BinaryField(unique=True)
    shown_prefix = models.TextField()
    scopes = ArrayField(models.TextField())
    # NULL: every shop (location). Shops and locations are never deleted, so the ids stay good.
    shop_ids = ArrayField(models.UUIDField(), null=True)
    location_ids = ArrayField(models.UUIDField(), null=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.TextField(default="")
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # Coarse: written at most once in ten minutes, so that reading costs no write.
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_api_token"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="accounts_api_token_named"),
            models.CheckConstraint(
                condition=Q(scopes__len__gt=0), name="accounts_api_token_scopes"
            ),
        ]

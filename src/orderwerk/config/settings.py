"""Django's settings, built from the environment; rooms read them through django.conf and never import this."""

from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from orderwerk.config import collected
from orderwerk.config.database import django_database, known_url
from orderwerk.config.env import SOURCE, load
from orderwerk.config.logs import logging_config

ENV = load()

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = list(ENV.allowed_hosts)
ORDERWERK_BASE_URL = ENV.base_url
ORDERWERK_DATA_DIR = ENV.data_dir
ORDERWERK_FONTS_DIR = SOURCE / "console" / "static" / "vendor" / "fonts"
# Where payment providers are, when not at their own address (a sandbox), and for how many seconds an answer is waited for.
ORDERWERK_PROVIDER_URLS = {
    name: url for name, url in (("mollie", ENV.mollie_url), ("stripe", ENV.stripe_url)) if url
}
ORDERWERK_PROVIDER_PATIENCE = 20.0
# Mail leaves the machine only when a server was named.
ORDERWERK_MAIL_ENABLED = ENV.email_url is not None

ROOT_URLCONF = "orderwerk.config.urls"
WSGI_APPLICATION = "orderwerk.config.wsgi.application"

INSTALLED_APPS = [
    "orderwerk.config.apps.ConfigApp",
    "orderwerk.core",
    "orderwerk.catalog",
    "orderwerk.stock",
    "orderwerk.shops",
    "orderwerk.accounts",
    "orderwerk.orders",
    "orderwerk.payments",
    "orderwerk.memos",
    "orderwerk.emails",
    "orderwerk.allocations",
    "orderwerk.shipments",
    "orderwerk.picklists",
    "orderwerk.invoices",
    "orderwerk.return_requests",
    "orderwerk.returns",
    "orderwerk.refunds",
    "orderwerk.flows",
    "orderwerk.console",
    "orderwerk.portal",
    "orderwerk.api",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "ninja",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "orderwerk.config.https.HttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "orderwerk.console.middleware.NowMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "orderwerk.console.middleware.PersonMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Ours come first, so that they win over allauth's.
        "DIRS": [SOURCE / "console" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "orderwerk.console.context.shell",
            ],
        },
    }
]

DATABASES = {"default": django_database(known_url(ENV))}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    }
}

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "orderwerk.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True  # the session's length is ours: see console.middleware
# Passwords are axes' matter, and an address that many share locks nobody out; codes of a second factor are counted here,
# by person, as are names that axes has let go on in between.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/15m/key", "login": None}
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Orderwerk] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ENV.secure else "http"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Orderwerk"
MFA_ADAPTER = "orderwerk.accounts.adapter.SecondFactorAdapter"

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
# By name alone: guesses from many addresses count together, and a shared address locks nobody else out.
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_USERNAME_CALLABLE = "orderwerk.accounts.lockout.typed_name"
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_ENABLE_ADMIN = False

# Jobs

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
# Every package's jobs, also those that are no Django apps (flows, integrations).
PROCRASTINATE_IMPORT_PATHS = sorted(
    f"orderwerk.{path.parent.name}.jobs" for path in SOURCE.glob("*/jobs.py")
)

# Language and time

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nl", _("Dutch"))]
LOCALE_PATHS = [SOURCE / "locale"]

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = collected.STATIC_ROOT
_HASHED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(ENV.data_dir / "files")},
    },
    "staticfiles": {"BACKEND": _PLAIN if ENV.plain_static else _HASHED},
}
WHITENOISE_USE_FINDERS = ENV.plain_static
WHITENOISE_AUTOREFRESH = ENV.plain_static

# Mail

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 15
_mail = urlsplit(ENV.email_url or "")
EMAIL_HOST = _mail.hostname or "localhost"
EMAIL_PORT = _mail.port or {"smtps": 465, "smtp+starttls": 587}.get(_mail.scheme, 25)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_TLS = _mail.scheme == "smtp+starttls"
EMAIL_USE_SSL = _mail.scheme == "smtps"

# The browser's side

_prefix = "__Host-" if ENV.secure else ""
SESSION_COOKIE_AGE = 8 * 60 * 60  # seconds without a request
SESSION_COOKIE_NAME = f"{_prefix}orderwerk-session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "orderwerk.config.refused.form_refused"
CSRF_COOKIE_NAME = f"{_prefix}orderwerk-csrf"
LANGUAGE_COOKIE_NAME = f"{_prefix}orderwerk-language"
LANGUAGE_COOKIE_SECURE = ENV.secure
MESSAGE_STORAGE = "orderwerk.config.https.MessageStorage"
CSRF_TRUSTED_ORIGINS = [ENV.base_url]
SECURE_HSTS_SECONDS = 31_536_000 if ENV.secure else 0
# Only a proxy we trust can say that a request came by https; without one a redirect would never end.
SECURE_SSL_REDIRECT = ENV.secure and bool(ENV.trusted_proxies)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        # Pictures of products lie where the merchant's webshop keeps them.
        "img-src": [SELF, "data:", "https:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# A body may be 20 MB (the bulk limit); a single document's own, lower limit is the API's.
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING_CONFIG = None
LOGGING = logging_config(debug=ENV.debug)
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

# Other subdomains of the merchant's domain are not ours to decide about (W005, W021); the proxy that ends TLS also turns
# plain requests away, and a redirect of ours would go round in circles behind one that is not named as trusted (W008).
SILENCED_SYSTEM_CHECKS += ["security.W005", "security.W008", "security.W021"]

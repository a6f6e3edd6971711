"""The addresses of the console."""

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from django.urls import path, re_path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from orderwerk.console.views import account, locations, people, shops, tokens

# Named as allauth names them, since it looks its own pages up by name. There is no way to sign up.
_ACCOUNT = [
    path("account/login/", account_views.login, name="account_login"),
    path("account/logout/", account_views.logout, name="account_logout"),
    path("account/inactive/", account_views.account_inactive, name="account_inactive"),
    path("account/confirm/", account_views.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account_views.password_change, name="account_change_password"),
    path("account/password/set/", account_views.password_set, name="account_set_password"),
    path("account/forgotten/", account_views.password_reset, name="account_reset_password"),
    path(
        "account/forgotten/sent/",
        account_views.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^account/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "account/forgotten/done/",
        account_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/second-factor/", RedirectView.as_view(pattern_name="account"), name="mfa_index"),
    path("account/second-factor/enter/", mfa_views.authenticate, name="mfa_authenticate"),
    path("account/second-factor/confirm/", mfa_views.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/activate/", totp_views.activate_totp, name="mfa_activate_totp"),
    path(
        "account/second-factor/deactivate/", totp_views.deactivate_totp, name="mfa_deactivate_totp"
    ),
    path(
        "account/recovery-codes/",
        recovery_views.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/generate/",
        recovery_views.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/recovery-codes/download/",
        recovery_views.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("account/language/", set_language, name="set_language"),
    path("account/preferences/", account.preferences, name="preferences"),
    path("account/", account.account, name="account"),
]

_SETTINGS = [
    path("settings/", RedirectView.as_view(pattern_name="shops"), name="settings"),
    path("settings/people/", people.people_list, name="people"),
    path("settings/people/new/", people.person_new, name="person_new"),
    path("settings/people/<uuid:user_id>/", people.person, name="person"),
    path("settings/people/<uuid:user_id>/active/", people.person_active, name="person_active"),
    path("settings/shops/", shops.shop_list, name="shops"),
    path("settings/shops/new/", shops.shop_new, name="shop_new"),
    path("settings/shops/edit/<path:code>/", shops.shop, name="shop"),
    path("settings/locations/", locations.location_list, name="locations"),
    path("settings/locations/new/", locations.location_new, name="location_new"),
    path("settings/locations/edit/<path:code>/", locations.location, name="location"),
    path("settings/tokens/", tokens.token_list, name="tokens"),
    path("settings/tokens/new/", tokens.token_new, name="token_new"),
    path("settings/tokens/<uuid:token_id>/revoke/", tokens.token_revoke, name="token_revoke"),
]

urlpatterns = [path("", account.home, name="home"), *_ACCOUNT, *_SETTINGS]

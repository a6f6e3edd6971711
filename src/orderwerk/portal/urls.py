"""The addresses that shoppers see. `/returns` without a slash is theirs, with one it is the console's."""

from django.urls import path

from orderwerk.portal import page
from orderwerk.portal.views import announce, announced, find, gift, substitute, track, withdraw

urlpatterns = [
    path("returns", find.find, name="portal-find"),
    path("gift/<str:token>", gift.start, name="portal-gift"),
    path("gift/returns/<str:token>", gift.announced, name="portal-gift-return"),
    path("gift/returns/<str:token>/slip.pdf", gift.slip, name="portal-gift-slip"),
    path("track/colour.css", page.colour, name="portal-colour"),
    path("track/logos/<str:digest>.png", page.logo, name="portal-logo"),
    path("track/<str:token>", track.track, name="portal-track"),
    path("track/<str:token>/invoices/<str:number>.pdf", track.invoice, name="portal-invoice"),
    path("track/<str:token>/return", announce.announce, name="portal-announce"),
    path("track/<str:token>/returns/<str:number>", announced.announced, name="portal-announced"),
    path("track/<str:token>/returns/<str:number>/slip.pdf", announced.slip, name="portal-slip"),
    path("track/<str:token>/returns/<str:number>/label.pdf", announced.label, name="portal-label"),
    path("track/<str:token>/returns/<str:number>/box", announced.box, name="portal-box"),
    path("track/<str:token>/returns/<str:number>/cancel", announced.cancel, name="portal-cancel"),
    path(
        "track/<str:token>/substitutes/<str:key>", substitute.substitute, name="portal-substitute"
    ),
    path("track/<str:token>/withdraw", withdraw.withdraw, name="portal-withdraw"),
    path("track/<str:token>/withdrawals/<str:number>", withdraw.withdrawn, name="portal-withdrawn"),
]

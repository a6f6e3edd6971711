"""The addresses of the installation: the console, the API, the shoppers' pages, and what watches over them."""

from django.urls import include, path

from orderwerk.config import health

handler500 = "orderwerk.config.refused.failed"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/", include("orderwerk.api.urls")),
    path("", include("orderwerk.portal.urls")),
    path("", include("orderwerk.console.urls")),
]

"""What watches over an installation reads here: alive, ready, and the numbers."""

from collections.abc import Iterator
from functools import lru_cache

from django.db import DatabaseError
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from orderwerk import __version__
from orderwerk.api.insiders import may_look
from orderwerk.core import sql


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 200 while the process lives."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 200 when the database is reachable and has every migration of this version."""
    try:
        missing = missing_migrations()
    except DatabaseError:
        return JsonResponse(
            {"ready": False, "reason": "the database cannot be reached"}, status=503
        )
    if missing:
        return JsonResponse(
            {"ready": False, "reason": "run `orderwerk migrate`", "missing": missing}, status=503
        )
    return JsonResponse({"ready": True, "version": __version__})


@lru_cache(maxsize=1)
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations or ())


def missing_migrations() -> list[str]:
    """Return the migrations of this version that the database does not have."""
    if not sql.fetch("select 1 where to_regclass('django_migrations') is not null"):
        applied: set[tuple[str, str]] = set()
    else:
        applied = {
            (app, name) for app, name in sql.fetch("select app, name from django_migrations")
        }
    return sorted(f"{app}.{name}" for app, name in _known_migrations() - applied)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Serve the numbers as Prometheus text: to a token, a login, or this machine itself."""
    if not may_look(request):
        return HttpResponse("A token is wanted here.\n", status=401, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Numbers())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


_JOBS = """
select status::text, count(*),
       coalesce(extract(epoch from now() - min(coalesce(scheduled_at, now()))), 0)::float8
from procrastinate_jobs where status in ('todo', 'doing', 'failed') group by status
"""
_OUTBOX = "select count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::float8 from core_outbox"


class _Numbers(Collector):
    """Counts at the moment of asking, from the database: right with any number of processes."""

    @override
    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("orderwerk_build", "The running version.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        jobs = GaugeMetricFamily("orderwerk_jobs", "Jobs by status.", labels=["status"])
        for status, count, _ in sql.fetch(_JOBS):
            jobs.add_metric([status], count)
        yield jobs
        [(rows, age)] = sql.fetch(_OUTBOX)
        yield GaugeMetricFamily("orderwerk_outbox_rows", "Events on their way to jobs.", value=rows)
        yield GaugeMetricFamily(
            "orderwerk_outbox_oldest_seconds", "Age of the oldest of them.", value=age
        )

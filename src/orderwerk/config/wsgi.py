"""The web application as any WSGI server loads it, and `front`, the same as granian loads it."""

import gc
import multiprocessing
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import resolve
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from orderwerk.config.front import Front
from orderwerk.config.orphans import leave_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orderwerk.config.settings")

_django = get_wsgi_application()
# Its answers need Django's applications, which are there only now.
from orderwerk.config.guard import Guard  # noqa: E402

if settings.ENV.trusted_proxies:
    _django = wrap_wsgi_with_proxy_headers(
        _django, trusted_hosts=list(settings.ENV.trusted_proxies)
    )
application = Guard(_django)
front = Front(application, threads=settings.ENV.web_threads)
# Every page and command is loaded before the first request comes: it would wait for seconds, and all that come with it.
resolve("/readyz")
gc.freeze()
if multiprocessing.parent_process() is not None:
    leave_with_parent()

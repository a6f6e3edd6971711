"""What happens once at the start of every process: logging, and the table of late reactions."""

from django.apps import AppConfig
from django.conf import settings
from typing_extensions import override

from orderwerk import routes
from orderwerk.config.logs import start_logging
from orderwerk.core import routing


class ConfigApp(AppConfig):
    """Installs what core must not import by itself."""

    name = "orderwerk.config"

    @override
    def ready(self) -> None:
        """Take logging and the routes into use."""
        start_logging(settings.LOGGING)
        routing.install(routes.ROUTES)

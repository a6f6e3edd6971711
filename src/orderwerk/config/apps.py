"""What happens once at the start of every process: logging, the table of late reactions, and peace for what stays."""

import gc

from django.apps import AppConfig
from django.conf import settings
from typing_extensions import override

from orderwerk import routes
from orderwerk.config.logs import start_logging
from orderwerk.core import routing

# New objects before the collector looks at the young ones, and looks before it looks at the older ones.
_COLLECT = (10_000, 20, 20)


class ConfigApp(AppConfig):
    """Installs what core must not import by itself."""

    name = "orderwerk.config"

    @override
    def ready(self) -> None:
        """Take logging and the routes into use; what is loaded by now is no garbage any more."""
        start_logging(settings.LOGGING)
        routing.install(routes.ROUTES)
        # A command that makes ten thousand rows set the collector off hundreds of times, each time through all modules:
        # a third of the work of taking orders in.
        gc.freeze()
        gc.set_threshold(*_COLLECT)

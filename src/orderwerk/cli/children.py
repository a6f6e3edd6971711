"""The supervisor's children: `web` and `work`; nobody types these."""

import click

from orderwerk.config.web import run_web


@click.command(hidden=True)
@click.option("--host", required=True)
@click.option("--port", type=int, required=True)
@click.option("--web", "workers", type=int, required=True)
def web(host: str, port: int, workers: int) -> None:
    """Serve the web; started by `orderwerk serve`."""
    run_web(host, port, workers)

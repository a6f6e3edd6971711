"""`orderwerk serve`, `demo` and `worker`: the installation, or a part of it, in the foreground."""

import socket
from collections.abc import Callable
from typing import Any, TypeVar

import click

from orderwerk.cli import demo_card
from orderwerk.cli.sandbox import beside
from orderwerk.config.env import Env, load
from orderwerk.config.supervisor import Layout, StartFailed, Supervisor

F = TypeVar("F", bound=Callable[..., Any])


def _where(function: F) -> F:
    function = click.option(
        "--jobs",
        type=click.IntRange(0, 64),
        default=1,
        show_default=True,
        help="Job worker processes.",
    )(function)
    function = click.option(
        "--web",
        type=click.IntRange(1, 64),
        default=2,
        show_default=True,
        help="Web worker processes.",
    )(function)
    function = click.option(
        "--port",
        type=click.IntRange(1, 65535),
        default=8000,
        show_default=True,
        help="Port to listen on.",
    )(function)
    return click.option(
        "--host", default="127.0.0.1", show_default=True, help="Address to listen on."
    )(function)


def _refuse_taken(layout: Layout) -> None:
    family = socket.AF_INET6 if ":" in layout.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((layout.host, layout.port))
        except OSError as error:
            raise StartFailed(
                f"{layout.host}:{layout.port} cannot be listened on ({error.strerror}): "
                "stop what uses it, or choose another with --port."
            ) from error


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)


def _supervisor(layout: Layout) -> Supervisor:
    env: Env = load()
    supervisor = Supervisor(env, layout, _say)
    # Without a base URL of its own the installation is reached where it listens.
    supervisor.environment.setdefault("ORDERWERK_BASE_URL", supervisor.address)
    return supervisor


@click.command()
@_where
def serve(host: str, port: int, web: int, jobs: int) -> None:
    """Run everything: the database (unless DATABASE_URL names one), the schema, the web and the job workers."""
    layout = Layout(host, port, web, jobs)
    _refuse_taken(layout)
    _supervisor(layout).run(
        lambda _: None,
        lambda address: click.echo(f"Orderwerk is ready: {address}  (Ctrl-C stops it)"),
    )


@click.command()
@_where
@click.option(
    "--sandbox",
    is_flag=True,
    help="Play the world outside as well: orders come in, and Mollie and Stripe are doubles that pay, dawdle and fail.",
)
def demo(host: str, port: int, web: int, jobs: int, *, sandbox: bool) -> None:
    """Run everything on this machine with a filled demo shop, and print a login and an API token."""
    layout = Layout(host, port, web, jobs)
    _refuse_taken(layout)
    supervisor = _supervisor(layout)
    folder = supervisor.env.data_dir
    if sandbox:
        beside(supervisor)

    def fill(it: Supervisor) -> None:
        if not demo_card.is_filled(folder, it.database_address):
            it.once("demo-seed")

    def ready(address: str) -> None:
        click.echo(f"\nOrderwerk is ready: {address}  (Ctrl-C stops it)")
        click.echo(demo_card.read(folder))

    supervisor.run(fill, ready)


@click.command()
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Job worker processes."
)
def worker(jobs: int) -> None:
    """Run job workers alone: for further machines on the same DATABASE_URL."""
    env = load()
    if env.database_url is None:
        raise click.UsageError(
            "Workers alone need the database of an installation: set DATABASE_URL to it, or run `orderwerk serve`."
        )
    supervisor = Supervisor(env, Layout("", 0, 0, jobs), _say)
    supervisor.run(
        lambda _: None, lambda _: click.echo(f"{jobs} job workers are running  (Ctrl-C stops them)")
    )

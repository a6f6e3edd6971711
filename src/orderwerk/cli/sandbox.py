"""`orderwerk demo --sandbox`: the doubles of the world outside run beside the demo, in a process that the product only starts."""

import os
import socket
from pathlib import Path

import click

import orderwerk
from orderwerk.config.supervisor import Child, Supervisor

_MODULE = "lab.sandbox"


def _checkout() -> Path:
    """Return the folder of the checkout, where the doubles are; an installed package has none."""
    root = Path(orderwerk.__file__).parents[2]
    if not root.joinpath(*_MODULE.split("."), "__main__.py").is_file():
        raise click.UsageError(
            "The sandbox is no part of the installed package: run `./orderwerk demo --sandbox` from a checkout of the source."
        )
    return root


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def beside(supervisor: Supervisor) -> None:
    """Let the sandbox run beside the installation, and payment providers be reached there.

    The addresses of providers that the environment names are kept: somebody wants those.
    """
    root, ports = _checkout(), {"mollie": _free_port(), "stripe": _free_port()}
    for provider, port in ports.items():
        supervisor.environment.setdefault(f"ORDERWERK_{provider.upper()}_URL", f"http://127.0.0.1:{port}")  # fmt: skip
    arguments = ["--folder", str(supervisor.env.data_dir), "--port", str(supervisor.layout.port)]
    for provider, port in ports.items():
        arguments += [f"--{provider}-port", str(port)]
    known = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")]))
    environment = {**supervisor.environment, "PYTHONPATH": known}
    supervisor.beside.append(Child("sandbox", arguments, environment, _MODULE))

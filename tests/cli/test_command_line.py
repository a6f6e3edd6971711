import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from orderwerk.cli.doctor import address


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orderwerk", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "verb",
    [
        "demo",
        "serve",
        "worker",
        "migrate",
        "user",
        "token",
        "backup",
        "restore",
        "doctor",
        "assets",
    ],
)
def test_every_verb_explains_itself(verb: str) -> None:
    answer = run(verb, "--help")

    assert answer.returncode == 0, answer.stderr
    assert verb in answer.stdout
    assert answer.stderr == ""


def test_wrong_usage_ends_with_2() -> None:
    assert run("serve", "--port", "many").returncode == 2
    assert run("dance").returncode == 2
    assert run("user", "create", "jan").returncode == 2


def test_a_broken_environment_ends_with_1_and_names_all_problems(tmp_path: Path) -> None:
    answer = run(
        "doctor", DATABASE_URL="mysql://x", EMAIL_URL="imap://x", ORDERWERK_DATA_DIR=str(tmp_path)
    )

    assert answer.returncode == 1
    assert "DATABASE_URL" in answer.stderr
    assert "EMAIL_URL" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_unreachable_database_ends_with_a_sentence() -> None:
    answer = run("migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert answer.returncode == 1
    assert "could not be reached" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_workers_alone_want_a_database_url() -> None:
    answer = run("worker", DATABASE_URL="")

    assert answer.returncode == 2
    assert "DATABASE_URL" in answer.stderr


def test_a_taken_port_is_refused_before_anything_starts() -> None:
    port = os.environ["DATABASE_URL"].rpartition(":")[2].partition("/")[0]

    answer = run("serve", "--port", port)

    assert answer.returncode == 1
    assert "--port" in answer.stderr


def test_an_address_where_nothing_runs_is_not_told_as_if_it_did() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = f"http://127.0.0.1:{server.getsockname()[1]}"
        here = address(told)
    gone = address(told)

    assert (here.good, here.text) == (True, f"{told} answers")
    assert gone.text.startswith(f"{told} does not answer now")

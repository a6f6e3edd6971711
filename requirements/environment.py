"""Makes or renews `.venv` from the hash-pinned lock files; standard library only, quick when nothing changed."""  # noqa: INP001 - a script

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SETS = {"run": ("run.txt", "assets.txt"), "dev": ("dev.txt",)}
_PTH = "import sysconfig; print(sysconfig.get_paths()['purelib'])"


def _fail(sentence: str) -> None:
    sys.exit(sentence)


def _mark(name: str) -> str:
    digest = hashlib.sha256(str(ROOT).encode())
    for file in SETS[name]:
        digest.update((ROOT / "requirements" / file).read_bytes())
    return digest.hexdigest()


def _is_current(name: str) -> bool:
    stamp = VENV / f".made-from-{name}"
    return stamp.is_file() and PYTHON.exists() and stamp.read_text(encoding="ascii") == _mark(name)


def _works(*arguments: str) -> bool:
    if not PYTHON.exists():
        return False
    done = subprocess.run([str(PYTHON), *arguments], capture_output=True, check=False)  # noqa: S603 - our own Python
    return done.returncode == 0


def _make() -> None:
    if _works("-m", "pip", "--version"):
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        _fail(
            "Python's venv module is missing: install it (Debian and Ubuntu: apt install python3-venv) and run this again."
        )
    done = subprocess.run(  # noqa: S603 - our own Python
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        _fail(
            f"The environment {VENV} could not be made: {(done.stdout + done.stderr).strip()[-400:]}\n"
            "On Debian and Ubuntu `apt install python3-venv` helps; otherwise check that the folder can be written."
        )


def _install(name: str) -> None:
    files = [
        argument for file in SETS[name] for argument in ("-r", str(ROOT / "requirements" / file))
    ]
    # Without resolving: the files name every package, and a resolver may look at a newer one, which has no hash here.
    done = subprocess.run(  # noqa: S603 - our own Python
        [
            str(PYTHON), "-m", "pip", "install", "--no-deps", "--quiet", "--disable-pip-version-check", "--no-input",
            "--require-hashes", "--only-binary", ":all:", *files,
        ],
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        _fail(
            "The packages could not be installed: see pip's message above. Check that a package index can be reached "
            "(pip reads its own configuration and proxy settings) and run this again."
        )


def _introduce() -> None:
    """Put the project itself into the environment: a path file, and the command."""
    answer = subprocess.run([str(PYTHON), "-c", _PTH], capture_output=True, text=True, check=True)  # noqa: S603 - our own Python
    (Path(answer.stdout.strip()) / "orderwerk.pth").write_text(
        f"{ROOT / 'src'}\n", encoding="utf-8"
    )
    command = VENV / "bin" / "orderwerk"
    command.write_text(
        f"#!{PYTHON}\nfrom orderwerk.__main__ import main\n\nmain()\n", encoding="utf-8"
    )
    command.chmod(0o755)


def main(name: str) -> None:
    """Bring `.venv` up to date for running (`run`) or for development (`dev`)."""
    if _is_current(name):
        return
    VENV.mkdir(exist_ok=True)
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_current(name):
            return
        sys.stderr.write("Setting up Orderwerk's environment (once; a minute or two) ...\n")
        _make()
        _install(name)
        _introduce()
        # The development set holds everything that running needs.
        for made in {name, "run"}:
            (VENV / f".made-from-{made}").write_text(_mark(made), encoding="ascii")


if __name__ == "__main__":
    os.umask(0o022)
    main(sys.argv[1] if len(sys.argv) > 1 else "run")

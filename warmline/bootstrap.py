"""From a bare Python to the ``warmline`` command: ``python3 -m warmline.bootstrap [options] COMMAND...``.

Standard library only. Makes the environments that are missing or out of date, then becomes
``.venv/app/bin/python -m warmline COMMAND...``. The Makefile calls it; nobody else needs to.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (what follows is not read by an older one, which should say so itself)
    sys.exit(
        f"warmline: this is Python {sys.version.split()[0]}; it needs 3.11 to 3.13. "
        "Install one of them (`uv python install 3.13`, `pyenv install 3.13`) and put it on PATH."
    )

import argparse
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from warmline.environments import (
    Environment,
    InstallError,
    check_space,
    ensure,
    environments,
    outdated,
    space_needed,
)
from warmline.interpreters import NoInterpreterError
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, environment_python
from warmline.ticker import Ticker

SERVED: Final = ((3, 11), (3, 13))
"""The oldest and the newest Python that the locks serve."""


def prepare(wanted: tuple[Environment, ...], log_folder: Path, ticker: Ticker) -> None:
    """Makes what is missing of ``wanted``. Raises InstallError or NoInterpreterError, early where it can."""
    missing = [environment for environment in wanted if outdated(environment)]
    if not missing:
        return
    check_space(space_needed(wanted))
    for environment in missing:
        if not environment.python.exists():
            environment.find_python()  # say that one is missing now, not after a minute of installing
    seconds = sum(lock.seconds for environment in missing for lock in outdated(environment))
    ticker.line(f"Preparing the environments: about {seconds} s, and longer where packages must be downloaded first.")
    with _alone(log_folder, ticker):
        for environment in missing:
            ensure(environment, log_folder, ticker)


def main(arguments: Sequence[str] | None = None) -> int:
    """Becomes the command; returns an exit code on failure, or where there is no command."""
    parser = argparse.ArgumentParser(prog="python3 -m warmline.bootstrap", description="Prepare, then run warmline.")
    parser.add_argument("--dev", action="store_true", help="also what tests, linting and training need")
    parser.add_argument("--app-only", action="store_true", help="leave Rasa's environment alone")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="the warmline command and its arguments")
    options = parser.parse_args(arguments)
    if not SERVED[0] <= sys.version_info[:2] <= SERVED[1]:
        print(
            f"warmline: this is Python {sys.version.split()[0]}; it needs 3.11 to 3.13. "
            "Install one of them (`uv python install 3.13`, `pyenv install 3.13`) and put it on PATH.",
            file=sys.stderr,
        )
        return 1
    wanted = environments(development=options.dev)
    if options.app_only:
        wanted = tuple(environment for environment in wanted if environment.name == "app")
    log_folder = Path(os.environ.get("WARMLINE_VAR") or PROJECT_ROOT / "var") / "logs"
    try:
        prepare(wanted, log_folder, Ticker())
    except (InstallError, NoInterpreterError, OSError) as error:
        print(f"warmline: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nwarmline: stopped; the next run goes on where this one was.", file=sys.stderr)
        return 130
    _write_command()
    if not options.command:
        return 0
    python = str(environment_python(APP_ENVIRONMENT))
    sys.stderr.flush()
    os.chdir(PROJECT_ROOT)
    return os.execv(python, [python, "-m", "warmline", *options.command])  # noqa: S606


def _write_command() -> None:
    """``.venv/app/bin/warmline``, which messages and pages name: the command, from whichever folder."""
    python = environment_python(APP_ENVIRONMENT)
    code = "import sys; sys.path[0] = sys.argv.pop(1); from warmline.cli import main; sys.exit(main())"
    script = f"#!/bin/sh\nexec {shlex.quote(str(python))} -c '{code}' {shlex.quote(str(PROJECT_ROOT))} \"$@\"\n"
    command = python.with_name("warmline")
    if not command.exists() or command.read_text(encoding="utf-8") != script:
        command.write_text(script, encoding="utf-8")
        command.chmod(0o755)


@contextmanager
def _alone(folder: Path, ticker: Ticker) -> Iterator[None]:
    """Keeps two set-ups from installing into one environment at the same time."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "install.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with ticker.step("waiting for another set-up of this folder to end"):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())

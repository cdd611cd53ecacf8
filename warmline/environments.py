"""Makes the two virtual environments from their lock files, and knows when they are out of date.

Standard library only: this runs before any environment exists. A stamp beside each environment holds the hash
and the pins of every lock installed in it; it is written after a lock was installed whole, so an interrupted
installation is resumed, and a changed lock is noticed.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from warmline.interpreters import Interpreter, Rejection, find_python310, probe
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, RASA_ENVIRONMENT, environment_python
from warmline.ticker import Ticker

STAMP: Final = "warmline-locks.json"
GIGABYTE: Final = 1_000_000_000
NOISE: Final = re.compile(r"is ignored: it is either a non-existing path|A new release of pip|^\s*$")


class InstallError(Exception):
    """An environment cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Lock:
    """One lock file, and what installing it costs."""

    file: Path
    seconds: int
    """Measured on two cores with a warm package cache; a first download adds to it."""
    gigabytes: float
    """Disk space that it takes when installed."""
    remark: str = ""
    """What is worth knowing while one waits."""


@dataclass(frozen=True)
class Stamp:
    """What is remembered of an installed lock."""

    sha256: str
    pins: frozenset[str]

    @classmethod
    def of(cls, file: Path) -> Stamp:
        """The stamp of a lock as it now stands."""
        return cls(hashlib.sha256(file.read_bytes()).hexdigest(), pins(file))


@dataclass(frozen=True)
class Environment:
    """A virtual environment: where it is, which Python it takes, which locks it holds, in order."""

    name: str
    folder: Path
    find_python: Callable[[], Interpreter]
    locks: tuple[Lock, ...]

    @property
    def python(self) -> Path:
        """Its interpreter; the file need not exist yet."""
        return environment_python(self.folder)

    @property
    def stamp(self) -> Path:
        """The file that tells which locks are installed."""
        return self.folder / STAMP


def lock_file(name: str) -> Path:
    """The lock file ``requirements/<name>.txt``."""
    return PROJECT_ROOT / "requirements" / f"{name}.txt"


def running_python() -> Interpreter:
    """The Python that runs this program, without the environment around it."""
    version = (sys.version_info.major, sys.version_info.minor, sys.version_info.micro)
    found = probe(Path(getattr(sys, "_base_executable", sys.executable)), version[:2])
    if isinstance(found, Rejection):
        raise InstallError(f"{found.path}: {found.why}. On Debian and Ubuntu: sudo apt install python3-venv")
    return found


def environments(*, development: bool) -> tuple[Environment, ...]:
    """Both environments as the project needs them; with ``development`` also what tests and training take."""
    app = [Lock(lock_file("app"), seconds=45, gigabytes=0.8)]
    rasa = [Lock(lock_file("bot"), seconds=80, gigabytes=2.9)]
    if development:
        cuda = " with torch, whose default build downloads several GB of CUDA libraries" if _is_linux() else ""
        app.append(Lock(lock_file("dev"), seconds=40, gigabytes=1.5, remark=f"tests and training{cuda}"))
        rasa.append(Lock(lock_file("bot-dev"), seconds=5, gigabytes=0.05, remark="tests"))
    return (
        Environment("app", APP_ENVIRONMENT, running_python, tuple(app)),
        Environment("rasa", RASA_ENVIRONMENT, find_python310, tuple(rasa)),
    )


def outdated(environment: Environment) -> tuple[Lock, ...]:
    """The locks that are not installed as they now stand; all of them where the environment does not run."""
    if not environment.python.exists():
        return environment.locks
    stamped = _read_stamp(environment)
    return tuple(lock for lock in environment.locks if stamped.get(lock.file.name) != Stamp.of(lock.file))


def ensure(environment: Environment, log_folder: Path, ticker: Ticker) -> bool:
    """Brings ``environment`` up to its locks; True when something was installed.

    Raises :class:`InstallError` or :class:`~warmline.interpreters.NoInterpreterError`.
    """
    missing = outdated(environment)
    if not missing:
        return False
    if not runs(environment.python):
        python = environment.find_python()
        with ticker.step(f"{_shown(environment.folder)}: new environment with Python {_dotted(python)}", 5):
            _make(environment, python)
    before = _read_stamp(environment)
    log_folder.mkdir(parents=True, exist_ok=True)
    for lock in missing:
        what = f"{_shown(environment.folder)}: {len(pins(lock.file))} packages of {_shown(lock.file)}"
        remark = f" ({lock.remark})" if lock.remark else ""
        with ticker.step(what + remark, lock.seconds) as tell:
            _pip(environment, ["install", "-r", str(lock.file)], log_folder, tell)
        _write_stamp(environment, lock)
    _remove_dropped(environment, before, log_folder)
    return True


def space_needed(wanted: tuple[Environment, ...]) -> float:
    """Bytes that the outstanding installations take, with 1 GB to unpack into; 0 when there are none."""
    gigabytes = sum(lock.gigabytes for environment in wanted for lock in outdated(environment))
    return (gigabytes + 1) * GIGABYTE if gigabytes else 0.0


def check_space(needed: float, free: float | None = None) -> None:
    """Raises :class:`InstallError` when the project's disk has less than ``needed`` bytes free."""
    free = shutil.disk_usage(PROJECT_ROOT).free if free is None else free
    if free < needed:
        raise InstallError(
            f"the disk of {PROJECT_ROOT} has {free / GIGABYTE:.1f} GB free and set-up needs "
            f"{needed / GIGABYTE:.1f} GB: free some space (`pip cache purge` may help), then run it again"
        )


def pins(lock: Path) -> frozenset[str]:
    """The normalised names of the packages that a lock pins."""
    lines = (line.split("==")[0] for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line)
    return frozenset(_normal(line) for line in lines)


def _make(environment: Environment, python: Interpreter) -> None:
    command = [str(python.path), "-m", "venv", "--clear", str(environment.folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if made.returncode != 0:
        raise InstallError(f"cannot make {environment.folder}: {(made.stdout + made.stderr).strip()[-600:]}")


def _pip(environment: Environment, arguments: list[str], log_folder: Path, tell: Callable[[str], None]) -> None:
    """Runs pip, telling how far it is; its whole output goes to a log file."""
    command = [str(environment.python), "-m", "pip", "--no-input", "--disable-pip-version-check", *arguments]
    if arguments[0] == "install":
        command += ["--progress-bar", "off"]
    log = log_folder / f"install-{environment.name}.log"
    kept: list[str] = []
    collected = 0
    with (
        log.open("a", encoding="utf-8") as copy,
        subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        for line in process.stdout or ():
            if NOISE.search(line):
                continue
            copy.write(line)
            kept.append(line.rstrip())
            collected += line.startswith("Collecting ")
            if line.startswith("Installing collected"):
                tell("unpacking")
            elif collected:
                tell(f"{collected} collected")
    if process.returncode != 0:
        raise InstallError(_explain(kept, log))


def _explain(lines: list[str], log: Path) -> str:
    text = "\n".join(lines)
    if "No space left on device" in text:
        return f"the disk is full: free some space, then run it again; it goes on where it stopped ({log})"
    if re.search(r"Temporary failure in name resolution|NewConnectionError|Connection|timed out|SSLError", text):
        return (
            "the package index cannot be reached: check the network and `pip config list`, then run again; "
            f"it goes on where it stopped ({log})"
        )
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-5:]
    return "pip could not install the locked packages:\n    " + "\n    ".join(errors[-5:]) + f"\n    (all of it: {log})"


def _remove_dropped(environment: Environment, before: dict[str, Stamp], log_folder: Path) -> None:
    """Uninstalls what a changed lock no longer names, so that nothing is imported by luck."""
    named = frozenset().union(*(stamp.pins for stamp in before.values()))
    still = frozenset().union(*(stamp.pins for stamp in _read_stamp(environment).values()))
    dropped = sorted(named - still - {"pip", "setuptools", "wheel"})
    if dropped:
        _pip(environment, ["uninstall", "-y", *dropped], log_folder, lambda _: None)


def runs(python: Path) -> bool:
    """Whether an environment's interpreter starts and has its pip."""
    if not python.exists():
        return False
    check = [str(python), "-I", "-c", "import pip"]
    try:
        done = subprocess.run(check, capture_output=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _read_stamp(environment: Environment) -> dict[str, Stamp]:
    try:
        content = json.loads(environment.stamp.read_text(encoding="utf-8"))
        return {name: Stamp(item["sha256"], frozenset(item["pins"])) for name, item in content.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}  # no stamp, or one that was cut short: everything is installed again, which does no harm


def _write_stamp(environment: Environment, lock: Lock) -> None:
    stamped = {**_read_stamp(environment), lock.file.name: Stamp.of(lock.file)}
    content = {name: {"sha256": stamp.sha256, "pins": sorted(stamp.pins)} for name, stamp in stamped.items()}
    draft = environment.stamp.with_suffix(".new")
    draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    draft.replace(environment.stamp)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.split("[")[0].strip()).lower()


def _dotted(python: Interpreter) -> str:
    return ".".join(map(str, python.version))


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT_ROOT)) if path.is_relative_to(PROJECT_ROOT) else str(path)


def _is_linux() -> bool:
    return sys.platform.startswith("linux")

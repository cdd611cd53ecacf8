"""Finds a Python interpreter wherever it is installed, by running the candidates.

Standard library only: this runs before any environment exists. A file named ``python3.10`` proves nothing: a
pyenv shim prints an error, a Debian Python may lack ``venv``. So each candidate is asked what it is.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OVERRIDE: Final = "WARMLINE_PYTHON310"
"""Environment variable that names the Python 3.10 to use."""
RASA_PYTHON: Final = (3, 10)
PROBE: Final = (
    "import json, sys, venv, ensurepip, ssl, sqlite3;print(json.dumps([sys.executable, list(sys.version_info[:3])]))"
)
PROBE_SECONDS: Final = 20.0


class NoInterpreterError(Exception):
    """No usable interpreter was found; the message says how to get one."""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter that answered for itself."""

    path: Path
    version: tuple[int, int, int]


@dataclass(frozen=True)
class Rejection:
    """A candidate that cannot be used, and why."""

    path: Path
    why: str


def probe(path: Path, wanted: tuple[int, int]) -> Interpreter | Rejection:
    """Runs ``path`` and asks it for its version and for what making an environment needs."""
    try:
        answer = subprocess.run(  # noqa: S603 (candidates on this machine, run on purpose)
            [path, "-I", "-c", PROBE], capture_output=True, text=True, timeout=PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Rejection(path, f"does not run: {error}")
    if answer.returncode != 0:
        lines = (answer.stderr or answer.stdout).strip().splitlines()
        missing = next((line for line in lines if "ModuleNotFoundError" in line), None)
        return Rejection(path, missing or f"does not run: {lines[0] if lines else answer.returncode}")
    try:
        executable, version = json.loads(answer.stdout)
    except ValueError:
        return Rejection(path, "does not answer as Python does")
    if tuple(version[:2]) != wanted:
        return Rejection(path, f"is Python {'.'.join(map(str, version))}")
    return Interpreter(Path(executable), (version[0], version[1], version[2]))


def find_python310(environment: Mapping[str, str] | None = None, homes: tuple[Path, ...] | None = None) -> Interpreter:
    """The Python 3.10 that Rasa needs. Raises :class:`NoInterpreterError` where there is none.

    ``homes`` are the home folders to look into; by default that of HOME and that of the user's account.
    """
    environment = os.environ if environment is None else environment
    homes = _homes() if homes is None else homes
    named = environment.get(OVERRIDE)
    if named:
        found = probe(Path(named).expanduser(), RASA_PYTHON)
        if isinstance(found, Rejection):
            raise NoInterpreterError(f"{OVERRIDE}={named}: {found.why}. Name a working Python 3.10 there, or unset it.")
        return found
    rejected = []
    for candidate in candidates(RASA_PYTHON, environment, homes):
        found = probe(candidate, RASA_PYTHON)
        if isinstance(found, Interpreter):
            return found
        rejected.append(found)
    raise NoInterpreterError(_how_to_get_one(rejected))


def candidates(wanted: tuple[int, int], environment: Mapping[str, str], homes: tuple[Path, ...]) -> Iterator[Path]:
    """Every existing file that may be the wanted Python, likeliest first, each once."""
    seen: set[Path] = set()
    for path in _guesses(f"{wanted[0]}.{wanted[1]}", environment, homes):
        if path.is_file() and os.access(path, os.X_OK) and path not in seen:
            seen.add(path)
            yield path


def _guesses(version: str, environment: Mapping[str, str], homes: tuple[Path, ...]) -> Iterator[Path]:
    binary = f"python{version}"
    folders = [Path(part) for part in environment.get("PATH", "").split(os.pathsep) if part]
    for folder in folders:
        yield folder / binary
    for root in _pyenv_roots(environment, homes, folders):
        yield from _newest(root / "versions", f"{version}*/bin/{binary}")
    for root in _uv_roots(environment, homes):
        yield from _newest(root, f"*-{version}*/bin/{binary}")
    for prefix in ("/opt/homebrew", "/usr/local", f"{os.sep}home/linuxbrew/.linuxbrew", "/opt/local"):
        yield Path(prefix) / "bin" / binary
        yield Path(prefix) / "opt" / f"python@{version}" / "bin" / binary
    yield Path("/usr/bin") / binary
    yield Path("/Library/Frameworks/Python.framework/Versions") / version / "bin" / binary
    yield from _newest(Path("/opt"), f"*ython*/**/bin/{binary}")
    for root in _manager_roots(environment, homes):
        yield from _newest(root / "installs" / "python", f"{version}*/bin/{binary}")
    for home in homes:
        for place in (".local/bin", "bin", ".nix-profile/bin"):
            yield home / place / binary
        for place in (".rye/py", ".local/share/hatch/pythons", "Library/Application Support/hatch/pythons"):
            yield from _newest(home / place, f"*{version}*/**/bin/{binary}")
    for root in _conda_roots(environment, homes):
        yield root / "bin" / binary
        yield from _newest(root / "envs", f"*/bin/{binary}")
    for folder in folders:
        yield folder / "python3"


def _newest(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern), reverse=True)
    except OSError:
        return []


def _homes() -> tuple[Path, ...]:
    homes = [Path.home()]
    if os.name == "posix":
        import pwd

        homes.append(Path(pwd.getpwuid(os.getuid()).pw_dir))
    return tuple(dict.fromkeys(homes))


def _pyenv_roots(environment: Mapping[str, str], homes: tuple[Path, ...], path: list[Path]) -> list[Path]:
    """pyenv's folders: named, implied by ``shims`` on PATH or by the Python that runs us, or usual."""
    roots = [Path(environment["PYENV_ROOT"])] if environment.get("PYENV_ROOT") else []
    roots += [folder.parent for folder in path if folder.name == "shims"]
    running = Path(sys.base_prefix)
    if running.parent.name == "versions":
        roots.append(running.parent.parent)
    roots += [home / ".pyenv" for home in homes] + [Path("/opt/pyenv"), Path("/usr/local/pyenv")]
    return list(dict.fromkeys(roots))


def _uv_roots(environment: Mapping[str, str], homes: tuple[Path, ...]) -> list[Path]:
    named = [environment.get("UV_PYTHON_INSTALL_DIR")]
    data = environment.get("XDG_DATA_HOME")
    roots = [Path(name) for name in named if name] + ([Path(data) / "uv" / "python"] if data else [])
    return roots + [home / ".local" / "share" / "uv" / "python" for home in homes]


def _manager_roots(environment: Mapping[str, str], homes: tuple[Path, ...]) -> list[Path]:
    """The folders of asdf and mise: named, or usual."""
    named = [Path(environment[name]) for name in ("ASDF_DATA_DIR", "MISE_DATA_DIR") if environment.get(name)]
    return named + [home / name for home in homes for name in (".asdf", ".local/share/mise")]


def _conda_roots(environment: Mapping[str, str], homes: tuple[Path, ...]) -> list[Path]:
    named = [
        Path(environment[name]) for name in ("CONDA_PREFIX", "CONDA_ROOT", "MAMBA_ROOT_PREFIX") if environment.get(name)
    ]
    usual = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".conda")
    return (
        named
        + [home / name for home in homes for name in usual]
        + [
            *(Path("/opt") / name for name in ("conda", "miniconda3", "miniforge3")),
            Path("/opt/homebrew/Caskroom/miniforge/base"),
        ]
    )


def _how_to_get_one(rejected: list[Rejection]) -> str:
    lines = ["Rasa needs Python 3.10, and none was found. Install one in any of these ways, then run it again:"]
    lines.append("    uv python install 3.10                 (uv: a single binary, no root needed)")
    lines.append("    pyenv install 3.10")
    if platform.system() == "Darwin":
        lines.append("    brew install python@3.10")
    else:
        lines.append("    conda create -n py310 python=3.10")
        lines.append("    sudo add-apt-repository ppa:deadsnakes/ppa && sudo apt install python3.10-venv    (Ubuntu)")
    lines.append(f"One that lies elsewhere is used when {OVERRIDE} names it: {OVERRIDE}=/path/to/python3.10")
    telling = [item for item in rejected if item.path.name != "python3"]
    if telling:
        lines.append("Looked at, and not usable:")
        lines += [f"    {item.path}: {item.why}" for item in telling]
    return "\n".join(lines)

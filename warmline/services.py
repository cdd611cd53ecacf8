"""The three processes of Warmline: what runs, where, and how each tells that it serves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from warmline.errors import CommandError
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, RASA_ENVIRONMENT, environment_python
from warmline.process import ProcessSpec, http_probe
from warmline.settings import Settings

ANSWER_FOLDERS: Final = ("responses", "faq")
"""Folders below the content whose answers Rasa reads while it runs."""
TURN_CHANNEL: Final = "bot.turn_channel.TurnChannel"
RASA_SERVER: Final = Path(__file__).resolve().parent / "rasa_server.py"
PROCESSOR: Final = Path("/proc/cpuinfo")

BLAS_CORES: Final[Mapping[str, frozenset[str]]] = {
    "SkylakeX": frozenset({"avx2", "fma", "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}),
    "Haswell": frozenset({"avx2", "fma"}),
}
"""Processors that OpenBLAS knows, the fastest first, with what Linux calls that which their arithmetic needs."""


def blas_variables(processor: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Which arithmetic the numpy of Rasa's environment is told to use, where ``processor`` describes a Linux machine.

    Its OpenBLAS of 2022 takes every processor that is newer than itself for one of 2004 and multiplies matrices at a
    fifth of the speed or less. Every one since 2013 that has AVX2 and FMA can do what it knows as Haswell's; one with
    all that SkylakeX's of 2017 has of AVX-512 is twice as fast again. (What it finds by itself when the variable is set
    but empty, Cooperlake, computes wrongly.) A choice that somebody made for this machine stands.
    """
    if "OPENBLAS_CORETYPE" in environment or not processor.exists():
        return {}
    abilities = set(processor.read_text(encoding="utf-8", errors="replace").split())
    known = (name for name, needed in BLAS_CORES.items() if needed <= abilities)
    return {"OPENBLAS_CORETYPE": core} if (core := next(known, None)) else {}


RASA_ENVIRONMENT_VARIABLES: Final = {
    **blas_variables(PROCESSOR, os.environ),
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONUNBUFFERED": "1",
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
}
"""One sentence at a time needs one thread; TensorFlow is imported by Rasa and never used by the bot."""
APP_ENVIRONMENT_VARIABLES: Final = {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}


def services(settings: Settings) -> tuple[ProcessSpec, ...]:
    """The processes in the order in which they depend on each other. Raises SettingsError without secrets."""
    python = str(environment_python(APP_ENVIRONMENT))
    return (
        ProcessSpec(
            name="actions",
            command=(python, "-m", "actions"),
            folder=PROJECT_ROOT,
            log=settings.logs_dir / "actions.log",
            healthy=http_probe(f"{settings.actions_url}/health"),
            environment=APP_ENVIRONMENT_VARIABLES,
        ),
        ProcessSpec(
            name="rasa",
            command=(*rasa_command("run"), *_server_arguments(settings)),
            folder=PROJECT_ROOT,
            log=settings.logs_dir / "rasa.log",
            healthy=http_probe(f"{settings.rasa_url}/status", query={"token": settings.secrets.rasa}),
            start_seconds=180.0,
            stop_seconds=5.0,  # handoff, its only client, has ended by then; Sanic would wait for idle connections
            environment={**RASA_ENVIRONMENT_VARIABLES, "WARMLINE_RASA_TOKEN": settings.secrets.rasa},
        ),
        ProcessSpec(
            name="handoff",
            command=(python, "-m", "handoff"),
            folder=PROJECT_ROOT,
            log=settings.logs_dir / "handoff.log",
            healthy=http_probe(f"{settings.handoff_url}/health"),
            environment=APP_ENVIRONMENT_VARIABLES,
        ),
    )


def rasa_command(*arguments: str) -> tuple[str, ...]:
    """The command line that runs Rasa in its own environment, from the project's root."""
    return (str(environment_python(RASA_ENVIRONMENT)), str(RASA_SERVER), *arguments)


def rasa_environment() -> Mapping[str, str]:
    """The environment variables of any Rasa command: this process's, telemetry off, quiet, one thread."""
    return {**os.environ, **RASA_ENVIRONMENT_VARIABLES}


def render_endpoints(settings: Settings, source: Path = PROJECT_ROOT / "endpoints.yml") -> Path:
    """Writes ``endpoints.yml`` with this installation's ports, secret, tracker file and content folders into the state
    folder.

    Raises :class:`CommandError` when the source cannot be read.
    """
    endpoints = _read_settings(source)
    action = _part(endpoints, "action_endpoint", source)
    action["url"] = f"{settings.actions_url}/webhook"
    if "stream" in action:
        action["stream"] = f"{settings.actions_url}/stream"
    action["headers"] = {
        **_part(action, "headers", source),
        "Authorization": f"Bearer {settings.secrets.internal}",
    }
    if "tracker_store" in endpoints:
        _part(endpoints, "tracker_store", source)["db"] = str(settings.tracker_database)
    if "answers" in _part(endpoints, "nlg", source):
        endpoints["nlg"]["answers"] = [str(settings.data_dir / name) for name in ANSWER_FOLDERS]
    return _write_private(settings.endpoints_file, {name: part for name, part in endpoints.items() if part})


def render_credentials(settings: Settings, source: Path = PROJECT_ROOT / "credentials.yml") -> Path:
    """Writes ``credentials.yml`` for the Rasa that handoff talks to into the state folder: the turn channel gets the
    secret, and Rasa's own REST channel, which asks nobody for one, is left out.

    What a turn says of its customer is believed, refunds included, so only handoff may send any.

    Raises :class:`CommandError` when the source cannot be read, or names no turn channel.
    """
    channels = _read_settings(source)
    if TURN_CHANNEL not in channels:
        raise CommandError(f"{source.name} has no {TURN_CHANNEL}, by which handoff reaches Rasa", f"add it to {source}")
    channel = _part(channels, TURN_CHANNEL, source)
    channel["secret"] = settings.secrets.internal
    return _write_private(settings.credentials_file, {name: of for name, of in channels.items() if name != "rest"})


def _read_settings(source: Path) -> dict[str, Any]:
    try:
        found = YAML(typ="safe", pure=True).load(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise CommandError(f"cannot read {source.name}: {_first_line(error)}", f"mend {source}") from error
    return _mapping({} if found is None else found, source.name, source)


def _part(settings: dict[str, Any], name: str, source: Path) -> dict[str, Any]:
    """The mapping under ``name``, made where there is none."""
    if settings.get(name) is None:
        settings[name] = {}
    return _mapping(settings[name], f"{name} in {source.name}", source)


def _mapping(found: Any, what: str, source: Path) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise CommandError(f"{what} must hold names with values, not {type(found).__name__}", f"mend {source}")
    return found


def _write_private(target: Path, content: dict[str, Any]) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # it holds a secret
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        YAML(typ="safe", pure=True).dump(content, handle)
    return target


def _server_arguments(settings: Settings) -> tuple[str, ...]:
    return (
        *("--enable-api", "-i", "127.0.0.1", "-p", str(settings.rasa_port)),
        *("--endpoints", str(settings.endpoints_file), "--credentials", str(settings.credentials_file)),
        *("--model", str(settings.models_dir)),
    )


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]

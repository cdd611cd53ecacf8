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
    yaml = YAML(typ="safe", pure=True)
    try:
        endpoints: dict[str, Any] = yaml.load(source.read_text(encoding="utf-8")) or {}
    except (OSError, YAMLError) as error:
        raise CommandError(f"cannot read {source.name}: {_first_line(error)}", f"mend {source}") from error
    action = endpoints.setdefault("action_endpoint", {})
    action["url"] = f"{settings.actions_url}/webhook"
    if "stream" in action:
        action["stream"] = f"{settings.actions_url}/stream"
    action["headers"] = {
        **(action.get("headers") or {}),
        "Authorization": f"Bearer {settings.secrets.internal}",
    }
    if "tracker_store" in endpoints:
        endpoints["tracker_store"]["db"] = str(settings.tracker_database)
    if "answers" in (endpoints.get("nlg") or {}):
        endpoints["nlg"]["answers"] = [str(settings.data_dir / name) for name in ANSWER_FOLDERS]
    target = settings.endpoints_file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # it holds a secret
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        yaml.dump(endpoints, handle)
    return target


def _server_arguments(settings: Settings) -> tuple[str, ...]:
    return (
        *("--enable-api", "-i", "127.0.0.1", "-p", str(settings.rasa_port)),
        *("--endpoints", str(settings.endpoints_file), "--credentials", str(PROJECT_ROOT / "credentials.yml")),
        *("--model", str(settings.models_dir)),
    )


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]

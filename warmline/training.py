"""Trains the assistant when its data are newer than its model, and hands the model to a running Rasa.

Whether it must be trained is a question of content, not of dates: the model's file name carries a hash of all
that went into it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from warmline import live
from warmline.content.findings import Finding, Severity
from warmline.content.nodes import load_yaml
from warmline.content.schema import explain_rasa, training_files
from warmline.content.sources import Sources
from warmline.content.structure import check_structure
from warmline.environments import GIGABYTE
from warmline.errors import CommandError
from warmline.paths import PROJECT_ROOT, RASA_ENVIRONMENT, environment_python
from warmline.services import rasa_environment
from warmline.settings import Settings, SettingsError

KEPT_MODELS: Final = 5
CANDIDATES: Final = "candidates"
"""Folder in that of the models: those that were trained and not made live. Rasa does not look there."""
ENCODER_CODE: Final = PROJECT_ROOT / "models" / "encoder" / "encode.py"
ENCODER_CARD: Final = PROJECT_ROOT / "models" / "encoder" / "onnx" / "encoder.json"
SOURCES: Final = ("config.yml", "domain.yml")
TRAINING_SPACE: Final = 0.5 * GIGABYTE
SWAP_SECONDS: Final = 120.0
COMPONENT: Final = re.compile(r"(?:Starting to train component|Restored component) '(\w+)'")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """What ``warmline train`` did."""

    model: Path
    trained: bool
    """False when the model of exactly these data was there already."""
    seconds: float
    swapped: bool
    """Whether a running Rasa now answers with the model."""


def fingerprint(settings: Settings) -> str:
    """A hash of everything that a model is made of: configuration, data, the bot's code, the encoder.

    Of the answers only the names count: Rasa reads the texts from the files while it runs.
    """
    files = [PROJECT_ROOT / name for name in SOURCES]
    files += training_files(settings.data_dir)
    files += [*sorted((PROJECT_ROOT / "bot").rglob("*.py")), ENCODER_CODE]
    total = hashlib.sha256(_encoder_id().encode())
    for file in files:
        place = file.relative_to(settings.data_dir) if file.is_relative_to(settings.data_dir) else file.name
        content = hashlib.sha256(_learnt(file)).hexdigest() if file.exists() else "missing"
        total.update(f"{place}\0{content}\n".encode())
    return total.hexdigest()[:16]


def _learnt(file: Path) -> bytes:
    """What a model learns from a file: all of it, but of a content file the names of its answers without the texts."""
    text = file.read_bytes()
    if file.suffix not in (".yml", ".yaml") or file.name in SOURCES:
        return text
    try:
        content: Any = load_yaml(text)
        return json.dumps({**content, "responses": list(content.get("responses") or {})}, default=str).encode()
    except (yaml.YAMLError, TypeError, AttributeError, ValueError):
        return text


def model_file(settings: Settings) -> Path:
    """Where the model of the data as they now stand is, or would be."""
    return settings.models_dir / f"warmline-{fingerprint(settings)}.tar.gz"


def is_current(settings: Settings) -> bool:
    """Whether there is a model of the data as they now stand."""
    return model_file(settings).exists()


def train(settings: Settings, tell: Tell, *, force: bool = False, swap: bool = True) -> Trained:
    """Brings the model up to the data. Raises :class:`CommandError`, with file and line where data are wrong."""
    begun = time.monotonic()
    refuse_broken_content(settings)
    model, before = model_file(settings), live_model(settings)
    candidate = candidate_file(settings)
    needed = force or not (model.exists() or candidate.exists())
    if needed:
        run_training(settings, model, tell)
    elif not model.exists():
        candidate.replace(model)
    swapped = make_live(settings, model, before, tell, swap=swap)
    return Trained(model, needed, time.monotonic() - begun, swapped)


def candidate_file(settings: Settings) -> Path:
    """Where a model of the data as they now stand waits to be made live, when ``content train`` has made one."""
    return settings.models_dir / CANDIDATES / model_file(settings).name


def live_model(settings: Settings) -> Path | None:
    """The model that the bot answers with, or would begin with; None where there is none."""
    running = running_model(settings)
    if running is not None and (settings.models_dir / running).exists():
        return settings.models_dir / running
    return max(settings.models_dir.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None)


def make_live(settings: Settings, model: Path, before: Path | None, tell: Tell, *, swap: bool = True) -> bool:
    """Makes a model of the models' folder the one that Rasa begins with, and hands it to a running one.

    ``before`` is the model that was live until now, which a rollback brings back. Returns whether a running bot was
    handed the model. Raises :class:`CommandError` when that refuses.
    """
    running = running_model(settings)
    swapped = swap and running not in (None, model.name)
    if swapped:
        tell("handing the model to the running bot")
        swap_model(settings, model)
    model.touch()  # Rasa starts with the newest file of its folder
    live.now_live(settings, model.name, before.name if before else None)
    drop_old_models(settings.models_dir, keep=model)
    return swapped


def refuse_broken_content(settings: Settings) -> None:
    """Raises :class:`CommandError` naming the first error in the content, and how many more there are."""
    errors = content_errors(settings)
    if errors:
        more = f" (and {len(errors) - 1} more: `warmline content check` lists them)" if len(errors) > 1 else ""
        raise CommandError(f"{errors[0]}{more}", f"{errors[0].mend}; then run the command again")


def content_errors(settings: Settings) -> tuple[Finding, ...]:
    """What stands in the way of training, found without the encoder."""
    found = check_structure(Sources.of(settings, PROJECT_ROOT))
    return tuple(finding for finding in found if finding.severity is Severity.ERROR)


def running_model(settings: Settings) -> str | None:
    """The file name of the model that a running Rasa answers with; None when no Rasa answers."""
    try:
        with urllib.request.urlopen(_rasa(settings, "/status"), timeout=5) as answer:  # noqa: S310
            return Path(str(json.load(answer).get("model_file") or "none")).name
    except (OSError, ValueError, SettingsError):  # without secrets there is no running Rasa of ours
        return None


def swap_model(settings: Settings, model: Path) -> None:
    """Makes the running Rasa answer with ``model``. Raises :class:`CommandError` when it refuses."""
    body = json.dumps({"model_file": str(model)}).encode()
    request = urllib.request.Request(  # noqa: S310
        _rasa(settings, "/model"), data=body, method="PUT", headers={"Content-Type": "application/json"}
    )
    try:
        urllib.request.urlopen(request, timeout=SWAP_SECONDS).close()  # noqa: S310
    except OSError as error:
        said = error.read().decode(errors="replace")[:300] if isinstance(error, urllib.error.HTTPError) else str(error)
        raise CommandError(
            f"the model is trained, but the running bot did not take it: {said}",
            "end `make run` and start it again: it begins with the newest model",
        ) from error


def _rasa(settings: Settings, path: str) -> str:
    return f"{settings.rasa_url}{path}?{urllib.parse.urlencode({'token': settings.secrets.rasa})}"


def run_training(settings: Settings, model: Path, tell: Tell) -> None:
    """Trains into the file ``model``. Raises :class:`CommandError` with what Rasa said."""
    model.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.models_dir).free < TRAINING_SPACE:
        raise CommandError(
            f"less than {TRAINING_SPACE / GIGABYTE:.1f} GB free where models are kept ({settings.models_dir})",
            "free some space, then run the command again",
        )
    command = (
        *(str(environment_python(RASA_ENVIRONMENT)), "-m", "bot.training"),
        *("--data", str(settings.data_dir), "--domain", "domain.yml", "--config", "config.yml"),
        *("--out", str(model.parent), "--name", model.name.removesuffix(".tar.gz")),
    )
    lines: list[str] = []
    tell("starting Rasa")
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=PROJECT_ROOT,
        # One sentence needs one thread; learning from thousands goes faster with all of them.
        env={**rasa_environment(), "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": str(os.cpu_count() or 1)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            component = COMPONENT.search(line)
            if component:
                tell(component[1])
    settings.logs_dir.mkdir(parents=True, exist_ok=True)
    log = settings.logs_dir / "train.log"
    log.write_text("".join(lines), encoding="utf-8")
    if process.returncode != 0 or not model.exists():
        raise CommandError(
            f"training failed: {explain_rasa(''.join(lines))}",
            f"mend it, then run the command again; all that Rasa said stands in {log}",
        )


def drop_old_models(folder: Path, keep: Path) -> None:
    """Deletes all but the newest few models of a folder."""
    ours = sorted(folder.glob("warmline-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in [path for path in ours if path != keep][KEPT_MODELS - 1 :]:
        old.unlink(missing_ok=True)


def _encoder_id() -> str:
    try:
        return str(json.loads(ENCODER_CARD.read_text(encoding="utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError):
        return "none"

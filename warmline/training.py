"""Trains the assistant when its data are newer than its model, and hands the model to a running Rasa.

Whether it must be trained is a question of content, not of dates: the model's file name carries a hash of all
that went into it.
"""

from __future__ import annotations

import hashlib
import json
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
from typing import Final

from warmline.content.schema import explain_rasa, training_files
from warmline.environments import GIGABYTE
from warmline.errors import CommandError
from warmline.paths import PROJECT_ROOT
from warmline.services import rasa_command, rasa_environment
from warmline.settings import Settings, SettingsError

KEPT_MODELS: Final = 5
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
    """A hash of everything that a model is made of: configuration, data, the bot's code, the encoder."""
    files = [PROJECT_ROOT / name for name in SOURCES]
    files += training_files(settings.data_dir)
    files += sorted((PROJECT_ROOT / "bot").rglob("*.py"))
    total = hashlib.sha256(_encoder_id().encode())
    for file in files:
        place = file.relative_to(settings.data_dir) if file.is_relative_to(settings.data_dir) else file.name
        content = hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else "missing"
        total.update(f"{place}\0{content}\n".encode())
    return total.hexdigest()[:16]


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
    model = model_file(settings)
    needed = force or not model.exists()
    if needed:
        _run_training(settings, model, tell)
        _drop_old_models(settings.models_dir, keep=model)
    model.touch()  # Rasa starts with the newest file of its folder
    swapped = False
    if swap and running_model(settings) not in (None, model.name):
        tell("handing the model to the running bot")
        swap_model(settings, model)
        swapped = True
    return Trained(model, needed, time.monotonic() - begun, swapped)


def refuse_broken_content(settings: Settings) -> None:
    """Raises :class:`CommandError` naming the first mistake in the YAML, and how many more there are."""
    problems = check_content(settings.data_dir, [PROJECT_ROOT / name for name in SOURCES])
    if problems:
        more = f" (and {len(problems) - 1} more: `warmline doctor` lists them)" if len(problems) > 1 else ""
        raise CommandError(f"{problems[0]}{more}", "mend that line, then run the command again")


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


def _run_training(settings: Settings, model: Path, tell: Tell) -> None:
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.models_dir).free < TRAINING_SPACE:
        raise CommandError(
            f"less than {TRAINING_SPACE / GIGABYTE:.1f} GB free where models are kept ({settings.models_dir})",
            "free some space, then run the command again",
        )
    # Rasa caches by the text of a component's class, not of what it imports: --force is what is always right.
    command = rasa_command(
        *("train", "--force", "--data", str(settings.data_dir), "--domain", "domain.yml"),
        *("--config", "config.yml", "--out", str(settings.models_dir)),
        *("--fixed-model-name", model.name.removesuffix(".tar.gz")),
    )
    lines: list[str] = []
    tell("starting Rasa")
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=PROJECT_ROOT,
        env={**rasa_environment(), "PYTHONWARNINGS": "ignore"},
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


def _drop_old_models(folder: Path, keep: Path) -> None:
    ours = sorted(folder.glob("warmline-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in [path for path in ours if path != keep][KEPT_MODELS - 1 :]:
        old.unlink(missing_ok=True)


def _encoder_id() -> str:
    try:
        return str(json.loads(ENCODER_CARD.read_text(encoding="utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError):
        return "none"

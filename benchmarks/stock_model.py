"""Trains the stock Rasa, once for each content: DIET and TED take many minutes."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from benchmarks.stock_content import StockContent
from warmline.paths import PROJECT_ROOT, RASA_ENVIRONMENT, environment_python

BENCH_FOLDER: Final = PROJECT_ROOT / "var" / "bench"
PREFIX: Final = "stock-"
COMPONENT: Final = re.compile(r"Starting to train component '(\w+)'")
EPOCHS: Final = re.compile(r"Epochs:\s+(\d+)%")

Tell = Callable[[str], None]


class TrainingFailed(Exception):
    """Rasa could not train the stock model; the message names the log."""


@dataclass(frozen=True)
class StockModel:
    """A trained stock model."""

    file: Path
    current: bool
    """Whether it was trained on the content as it now stands."""
    trained_seconds: float | None
    """How long training took in this run; None when the model was there already."""


def stock_rasa_environment() -> Mapping[str, str]:
    """Rasa's environment variables: telemetry off and TensorFlow quiet, everything else as it comes."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WARMLINE_")}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "PYTHONWARNINGS": "ignore"}
    return {**plain, **quiet, "RASA_TELEMETRY_ENABLED": "false", "CUDA_VISIBLE_DEVICES": "-1"}


def stock_rasa_command(*arguments: str) -> tuple[str, ...]:
    """A ``rasa`` command line in Rasa's environment."""
    return (str(environment_python(RASA_ENVIRONMENT)), "-m", "rasa", *arguments)


def stock_model(content: StockContent, tell: Tell, *, stale_will_do: bool, folder: Path = BENCH_FOLDER) -> StockModel:
    """The model of this content, trained if it is not there.

    With ``stale_will_do`` the newest model of any content serves where there is one. Raises ``TrainingFailed``.
    """
    file = folder / f"{PREFIX}{content.fingerprint}.tar.gz"
    if file.exists():
        return StockModel(file, current=True, trained_seconds=None)
    if stale_will_do:
        older = sorted(folder.glob(f"{PREFIX}*.tar.gz"), key=lambda path: path.stat().st_mtime)
        if older:
            return StockModel(older[-1], current=False, trained_seconds=None)
    begun = time.monotonic()
    _train(content, file, tell)
    return StockModel(file, current=True, trained_seconds=time.monotonic() - begun)


def _train(content: StockContent, file: Path, tell: Tell) -> None:
    project = file.parent / "stock_rasa"
    project.mkdir(parents=True, exist_ok=True)
    made = {"config.yml": content.config, "domain.yml": content.domain, "stories.yml": content.stories}
    for name, text in made.items():
        (project / name).write_text(text, encoding="utf-8")
    data = [str(path) for path in content.data]
    command = stock_rasa_command(
        *("train", "--force", "--config", "config.yml", "--domain", "domain.yml"),
        *("--data", *data, "stories.yml", "--out", str(file.parent)),
        *("--fixed-model-name", file.name.removesuffix(".tar.gz")),
    )
    log = project / "train.log"
    component = ""
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(
            command, cwd=project, env=stock_rasa_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process,
    ):
        tell("starting Rasa")
        for line in _lines(process.stdout):
            epochs = EPOCHS.search(line)
            if epochs:
                tell(f"{component} {epochs[1]} %")
                continue
            kept.write(line + "\n")
            begun = COMPONENT.search(line)
            if begun:
                component = begun[1]
                tell(component)
    if process.returncode != 0 or not file.exists():
        raise TrainingFailed(f"the stock Rasa could not be trained; what it said stands in {log}")


def _lines(stream: IO[bytes] | None) -> Iterator[str]:
    """Lines of a program that also writes progress bars, which end in a carriage return."""
    rest = ""
    while stream is not None and (chunk := os.read(stream.fileno(), 65536)):
        *lines, rest = re.split(r"[\r\n]+", rest + chunk.decode(errors="replace"))
        yield from lines
    if rest:
        yield rest

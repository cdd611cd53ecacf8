"""What ``warmline setup`` does: each step knows whether it is needed, how long it takes, and how to do it.

A step is needed when one of its products is missing, or when what it is made of has changed since it was last
done; so a second run does nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from warmline import training
from warmline.errors import CommandError
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, environment_python
from warmline.secrets import SecretsError, ensure_secrets
from warmline.settings import Settings

ENCODER_FILES: Final = tuple(
    PROJECT_ROOT / "models" / "encoder" / "onnx" / name
    for name in ("encoder.int8.onnx", "tokenizer.json", "encoder.json")
)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class SetupStep:
    """One step of set-up."""

    name: str
    what: str
    seconds: float
    """Measured on two cores, a cold start included."""
    is_needed: Callable[[], bool]
    run: Callable[[Tell], None]


def setup_steps(settings: Settings) -> tuple[SetupStep, ...]:
    """All steps, in the order in which they must be done."""
    steps = [
        SetupStep(
            "secrets",
            "the secrets of this installation",
            0.1,
            lambda: True,
            lambda _: _make_secrets(settings),
        ),
        _module_step(
            settings,
            "encoder",
            "the sentence encoder: fetched (83 MB) and made small",
            30,
            module="models.encoder.prepare",
            products=ENCODER_FILES,
            sources=("models/encoder",),
        ),
        SetupStep(
            "train",
            "the assistant, trained on data/",
            training.USUAL_SECONDS,
            lambda: _training_needed(settings),
            lambda tell: _train(settings, tell),
        ),
    ]
    if settings.demo and settings.shop_url is None:
        steps.append(
            _module_step(
                settings,
                "shop",
                "the demo shop's database",
                2,
                module="actions.shop.seed",
                products=(settings.shop_database,),
                sources=("actions/shop",),
            )
        )
    steps.append(
        _module_step(
            settings,
            "desk",
            "handoff's database" + (" with the demo's agents and customers" if settings.demo else ""),
            4,
            module="handoff.seed",
            products=_database_files(settings),
            sources=("handoff/seed.py", "handoff/seed", "handoff/store", "handoff/migrations"),
            identity=f"{settings.database_url} {settings.demo} {_demo_people(settings)}",
        )
    )
    return tuple(steps)


def run_module(module: str, tell: Tell) -> None:
    """Runs ``python -m module`` in the app environment, telling its last line as it goes.

    Raises :class:`CommandError` with what it said when it fails.
    """
    command = [str(environment_python(APP_ENVIRONMENT)), "-m", module]
    lines: list[str] = []
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            tell(line.strip()[:80])
    if process.returncode != 0:
        own = [place for place, line in enumerate(lines) if line.startswith(f"{module}: ")]
        if own:  # it knows what is wrong, and says it in its own words
            said = "\n".join(lines[own[-1] :]).removeprefix(f"{module}: ")
            what, _, mend = said.partition("; ")
            raise CommandError(what, mend or "mend that, then run the command again")
        said = "\n".join(f"    {line}" for line in lines[-12:])
        raise CommandError(f"`python -m {module}` failed:\n{said}", "mend what it says, then run the command again")


def digest_of(sources: tuple[str, ...], identity: str = "") -> str:
    """A hash of the Python, YAML and JSON files under ``sources`` (paths from the root), and of ``identity``."""
    total = hashlib.sha256(identity.encode())
    for source in sources:
        path = PROJECT_ROOT / source
        files = [path] if path.is_file() else sorted(path.rglob("*")) if path.is_dir() else []
        for file in files:
            if file.suffix in (".py", ".yml", ".json", ".sql") and "onnx" not in file.parts:
                total.update(str(file.relative_to(PROJECT_ROOT)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _module_step(
    settings: Settings,
    name: str,
    what: str,
    seconds: float,
    *,
    module: str,
    products: tuple[Path, ...],
    sources: tuple[str, ...],
    identity: str = "",
) -> SetupStep:
    """A step that runs one of our modules, and is remembered by the hash of what it is made of."""

    def is_needed() -> bool:
        done = _read_done(settings).get(name) == digest_of(sources, identity)
        return not done or not all(product.exists() for product in products)

    def run(tell: Tell) -> None:
        run_module(module, tell)
        _write_done(settings, name, digest_of(sources, identity))

    return SetupStep(name, what, seconds, is_needed, run)


def _make_secrets(settings: Settings) -> None:
    try:
        ensure_secrets(settings.secrets_file)
    except (SecretsError, OSError) as error:
        raise CommandError(str(error), "then run the command again") from error


def _training_needed(settings: Settings) -> bool:
    training.refuse_broken_content(settings)
    return not training.is_current(settings)


def _train(settings: Settings, tell: Tell) -> None:
    training.train(settings, tell, swap=False)


def _database_files(settings: Settings) -> tuple[Path, ...]:
    from sqlalchemy.engine import make_url  # a third of a second, which most commands need not wait for

    url = make_url(settings.database_url)
    return (Path(url.database),) if url.get_backend_name() == "sqlite" and url.database else ()


def _demo_people(settings: Settings) -> str:
    """Which people the demo has; whoever is added to the file is added to the database."""
    file = settings.data_dir / "demo" / "people.yml"
    return hashlib.sha256(file.read_bytes()).hexdigest() if settings.demo and file.exists() else ""


def _done_file(settings: Settings) -> Path:
    return settings.var_dir / "setup.json"


def _read_done(settings: Settings) -> dict[str, str]:
    try:
        content = json.loads(_done_file(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write_done(settings: Settings, name: str, digest: str) -> None:
    done = {**_read_done(settings), name: digest}
    draft = _done_file(settings).with_suffix(".new")
    draft.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    draft.replace(_done_file(settings))

"""Which models the bot has answered with, so that the last one can come back.

The running Rasa knows what it answers with now; this file in the state folder knows what it was before. A model that is
made live is put on top; going back takes the top one off.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from warmline.settings import Settings

REMEMBERED: Final = 20


def history(settings: Settings) -> tuple[str, ...]:
    """Names of the models that were live, newest last."""
    try:
        names = json.loads(_file(settings).read_text(encoding="utf-8"))
        return tuple(str(name) for name in names)
    except (OSError, ValueError, TypeError):
        return ()


def now_live(settings: Settings, model: str, before: str | None = None) -> None:
    """Puts a model on top; ``before`` is what was live until now, where that is known from elsewhere."""
    names = [*history(settings)]
    for name in filter(None, (before, model)):
        if not names or names[-1] != name:
            names.append(name)
    _write(settings, names[-REMEMBERED:])


def previous(settings: Settings, live: str) -> str | None:
    """The model that was live before ``live``, if it is known and its file is still there."""
    names = history(settings)
    below = names[: _place(names, live)]
    return next((name for name in reversed(below) if name != live and (settings.models_dir / name).exists()), None)


def went_back(settings: Settings, model: str) -> None:
    """Takes everything above ``model`` off, because it is live again."""
    names = history(settings)
    _write(settings, [*names[: _place(names, model)], model])


def _place(names: tuple[str, ...], model: str) -> int:
    """Where a model stands, from the top; above all others when it does not."""
    return len(names) - 1 - names[::-1].index(model) if model in names else len(names)


def _file(settings: Settings) -> Path:
    return settings.var_dir / "live_models.json"


def _write(settings: Settings, names: list[str]) -> None:
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    _file(settings).write_text(json.dumps(names, indent=1), encoding="utf-8")

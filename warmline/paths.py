"""Where the project lies on this machine: everything else is found from here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent
"""The folder that holds ``config.yml``, ``data/`` and the packages."""

RASA_ENVIRONMENT: Final = PROJECT_ROOT / ".venv" / "rasa"
"""The Python 3.10 environment that holds Rasa, and of ours only ``bot/`` and ``models/encoder``."""

APP_ENVIRONMENT: Final = PROJECT_ROOT / ".venv" / "app"
"""The Python 3.11+ environment of everything else."""


def environment_python(environment: Path) -> Path:
    """The interpreter of a virtual environment; the file need not exist."""
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return environment / folder / name


def from_root(path: Path) -> Path:
    """``path`` made absolute: a relative one is read from the project's root, not from the working folder."""
    return path if path.is_absolute() else PROJECT_ROOT / path

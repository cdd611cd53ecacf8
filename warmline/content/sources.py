"""Where everything lies that the content tools read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from warmline.paths import PROJECT_ROOT
from warmline.settings import Settings

QUESTIONS: Final = Path("tests") / "data"
RASA_FILES: Final = ("config.yml", "domain.yml")


@dataclass(frozen=True)
class Sources:
    """The content of one installation."""

    data_dir: Path
    domain: Path
    config: Path
    actions_dir: Path
    questions_dir: Path
    """Folder of the test set, ``questions*.yml``."""
    cache_dir: Path
    """Folder in which vectors of sentences are kept; it holds no text."""

    @classmethod
    def of(cls, settings: Settings, root: Path = PROJECT_ROOT) -> Self:
        """The sources of an installation of the project at ``root``."""
        return cls(
            data_dir=settings.data_dir,
            domain=root / "domain.yml",
            config=root / "config.yml",
            actions_dir=root / "actions",
            questions_dir=root / QUESTIONS,
            cache_dir=settings.var_dir / "cache",
        )

"""What the widget says in other languages: ``widget.<language>.yml`` beside the ``widget`` of ``notices.yml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from handoff.wording_file import read_mapping

_NAME: Final = re.compile(r"widget\.([a-z]{2,3})\.yml")
_IN_BRACES: Final = re.compile(r"\{(\w+)\}")


def widget_words(folder: Path, house: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """By language (its primary subtag), complete: what a file lacks stands as in ``house``. Raises ``ValueError``."""
    found = {}
    for path in sorted(folder.glob("widget.*.yml")):
        name = _NAME.fullmatch(path.name)
        if name is None:
            raise ValueError(f"{path}: name it after its language, such as widget.fr.yml")
        found[name[1]] = {**house, **_read(path, house), "language": name[1]}
    return found


def _read(path: Path, house: Mapping[str, str]) -> dict[str, str]:
    content = read_mapping(path)
    words = {str(key): str(text) for key, text in content.items()}
    for key, text in words.items():
        if key not in house:
            raise ValueError(f"{path}: the widget says nothing called {key}; compare with widget in notices.yml")
        strange = sorted(set(_IN_BRACES.findall(text)) - set(_IN_BRACES.findall(house[key])))
        if strange:
            raise ValueError(f"{path}: {key} holds {{{strange[0]}}}, which nobody fills in; compare with notices.yml")
    return words

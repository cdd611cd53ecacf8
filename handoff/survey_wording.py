"""What the survey's page says: loaded from ``data/wording/survey.yml`` and checked before anybody reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from handoff.wording import WordingError
from handoff.wording_file import read_mapping

_IN_BRACES: Final = re.compile(r"\{([^}]*)\}")
PLAIN: Final = (
    "language",
    "title",
    "question",
    "choose",
    "solved",
    "solved_yes",
    "solved_no",
    "nps",
    "nps_hint",
    "comment",
    "send",
    "done",
    "done_reopened",
    "expired",
    "not_ratable",
    "not_found",
    "too_many",
)
SURVEY_WORDS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(PLAIN, frozenset[str]()),
    "about": frozenset({"problem"}),
    "stars": frozenset({"count"}),
}
"""Every text of the page, with the words that it may hold in braces."""


def load_survey_words(folder: Path) -> dict[str, str]:
    """Read ``survey.yml``; raises ``WordingError`` with file, fault and remedy."""
    path = folder / "survey.yml"
    try:
        content = read_mapping(path)
    except ValueError as error:
        raise WordingError(str(error)) from error
    found: dict[str, str] = {}
    for key, known in SURVEY_WORDS.items():
        text = content.get(key)
        if not isinstance(text, str) or not text.strip():
            raise WordingError(f"{path} has no text {key}; restore it from the shipped file")
        strange = sorted(set(_IN_BRACES.findall(text)) - known)
        if strange or text.count("{") != text.count("}"):
            raise WordingError(
                f"{path}: {key} holds {', '.join(strange) or 'a lone brace'}; in braces may stand "
                f"{', '.join(sorted(known)) or 'nothing'}"
            )
        found[key] = text.strip()
    return found

"""What the survey's page says: loaded from ``data/wording`` and checked before anybody reads it.

``survey.yml`` is the house's own language, ``survey.<language>.yml`` another one; what such a file lacks stands as in
the house's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from handoff.other_languages import primary_subtag
from handoff.wording import WordingError
from handoff.wording_file import read_mapping

_IN_BRACES: Final = re.compile(r"\{([^}]*)\}")
_NAME: Final = re.compile(r"survey\.([a-z]{2,3})\.yml")
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


@dataclass(frozen=True, slots=True)
class SurveyWords:
    """The texts of the page, in the house's own language and by primary subtag in others; each is complete."""

    house: Mapping[str, str]
    others: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def to(self, language: str | None) -> Mapping[str, str]:
        """The texts for a customer of this language (BCP 47); the house's own where there are none in it."""
        return self.others.get(primary_subtag(language), self.house)


def load_survey_words(folder: Path) -> SurveyWords:
    """Read ``survey.yml`` and its translations; raises ``WordingError`` with file, fault and remedy."""
    house = _read(folder / "survey.yml", {})
    others = {}
    for path in sorted(folder.glob("survey.*.yml")):
        name = _NAME.fullmatch(path.name)
        if name is None:
            raise WordingError(f"{path}: name it after its language, such as survey.fr.yml")
        others[name[1]] = {**_read(path, house), "language": name[1]}
    return SurveyWords(house, others)


def _read(path: Path, house: Mapping[str, str]) -> dict[str, str]:
    try:
        content = read_mapping(path)
    except ValueError as error:
        raise WordingError(str(error)) from error
    unknown = sorted(map(str, content.keys() - SURVEY_WORDS.keys()))
    if unknown:
        raise WordingError(f"{path}: the page says nothing called {unknown[0]}; compare with the shipped survey.yml")
    found: dict[str, str] = {}
    for key, known in SURVEY_WORDS.items():
        text = content.get(key, house.get(key))
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

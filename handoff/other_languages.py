"""What customers read in other languages: ``notices.<language>.yml`` and ``problems.<language>.yml``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from handoff.domain.email_address import EmailFault
from handoff.time_wording import time_words
from handoff.wording_file import read_mapping

_NAME: Final = re.compile(r"notices\.([a-z]{2,3})\.yml")
_IN_BRACES: Final = re.compile(r"\{(\w+)\}")
_PARTS: Final = ("notices", "labels", "mail")
_NAMED: Final = ("problems", "patterns", "category")


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """The content of both files, complete: what they lack stands as in the house's own."""

    language: str
    path: Path
    notices: Mapping[str, Any]
    problems: Mapping[str, Any]


def primary_subtag(language: str | None) -> str:
    """``de`` of ``de-AT``; empty where nothing is known."""
    return (language or "").partition("-")[0].lower()


RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur"})
"""As in ``web/shared/words.js``."""


def direction(language: str | None) -> str:
    """``rtl`` for a language that is written from right to left, as HTML writes it in ``dir``."""
    return "rtl" if primary_subtag(language) in RIGHT_TO_LEFT else "ltr"


def other_languages(
    folder: Path, notices: Mapping[str, Any], problems: Mapping[str, Any], told: Collection[str]
) -> Iterator[OtherLanguage]:
    """Each language that there is a file of; ``told`` are the notices that somebody gives. Raises ``ValueError``.

    A notice for a mood that the file lacks is told in its own words without the mood, not in the house's with it. A
    topic without a name is named by its pattern or category.
    """
    for path in sorted(folder.glob("notices.*.yml")):
        name = _NAME.fullmatch(path.name)
        if name is None:
            raise ValueError(f"{path}: name it after its language, such as notices.fr.yml")
        calm = {key: texts for key, texts in notices["notices"].items() if key in told}
        own = _read(path, {key: notices[key] for key in _PARTS})
        named_path = folder / f"problems.{name[1]}.yml"
        named = _read(named_path, {key: problems[key] for key in _NAMED}) if named_path.exists() else {}
        yield OtherLanguage(
            name[1],
            path,
            _over({**notices, "notices": calm}, own),
            _over({**problems, "problems": {}}, named),
        )


def customers_words(notices: Mapping[str, Any], problems: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``Wording`` that customers read of their case, in one language.

    Raises ``KeyError``, ``TypeError``, ``AttributeError`` or ``ValueError`` for what is missing or of another form.
    """
    labels = dict(notices["labels"])
    faults = labels.pop("email_faults")
    return {
        "notices": {key: tuple(variants) for key, variants in notices["notices"].items()},
        "queues": dict(labels.pop("queues")),
        "levels": {int(level): name for level, name in labels.pop("levels").items()},
        "durations": dict(labels.pop("durations")),
        "causes": dict(labels.pop("causes")),
        "times": time_words({key: labels.pop(key) for key in ("openings", "waits", "weekdays", "months")}),
        "email_faults": {fault: str(faults[fault]) for fault in EmailFault},
        "labels": {str(key): str(value) for key, value in labels.items()},
        "problems": {topic: dict(phrases) for topic, phrases in problems["problems"].items()},
        "problem_patterns": dict(problems["patterns"]),
        "problem_of_category": dict(problems["category"]),
    }


def _over(house: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """``house`` with what ``own`` says instead."""
    both = {key: _over(house[key], text) for key, text in own.items() if isinstance(house.get(key), Mapping)}
    return {**house, **own, **both}


def _read(path: Path, house: Mapping[str, Any]) -> dict[str, Any]:
    content = read_mapping(path)
    _compare(path, "", content, house)
    return content


def _compare(path: Path, place: str, own: object, house: object) -> None:
    """Nothing that the house does not say, and no words in braces that it does not fill in."""
    if isinstance(house, Mapping):
        if not isinstance(own, Mapping):
            raise ValueError(f"{path}: {place} must hold a mapping, as in {_house_file(path)}")
        for key, text in own.items():
            if key not in house:
                raise ValueError(f"{path}: nothing is called {place}{key}; compare with {_house_file(path)}")
            _compare(path, f"{place}{key}.", text, house[key])
        return
    if isinstance(own, list) != isinstance(house, list):
        raise ValueError(f"{path}: {place[:-1]} must be of the same form as in {_house_file(path)}")
    strange = sorted(set(_IN_BRACES.findall(str(own))) - set(_IN_BRACES.findall(str(house))))
    if strange:
        raise ValueError(f"{path}: {place[:-1]} holds {{{strange[0]}}}, which nobody fills in there")


def _house_file(path: Path) -> str:
    return f"{path.name.partition('.')[0]}.yml"

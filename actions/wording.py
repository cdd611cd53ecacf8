"""Naming what a customer wants in words that read well after "about": from ``data/wording/problems.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from string import Formatter
from typing import Any, Final

import structlog
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

log = structlog.get_logger(__name__)

LAST_RESORT: Final = "your question"
LONGEST: Final = 300


@dataclass(frozen=True)
class Problems:
    """Phrases by topic (with and without the facts they name), by topic pattern, and by category."""

    by_signal: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    by_topic: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    by_pattern: Mapping[str, str] = field(default_factory=dict)
    by_reason: Mapping[str, str] = field(default_factory=dict)
    by_category: Mapping[str, str] = field(default_factory=dict)
    both: str = "{first}"
    buttons: Mapping[str, str] = field(default_factory=dict)

    def name(
        self, topic: str | None, category: str, facts: Mapping[str, str], signal: str = "", reason: str = ""
    ) -> str:
        """Return the phrase for a problem; the fuller one when every fact that it names is known.

        ``signal`` is the strongest signal of the handoff, which may say better than the topic what it is about;
        ``reason`` says it where no topic is known.
        """
        for phrases in (self.by_signal.get(signal, {}), self.by_topic.get(topic or "", {})):
            for phrase in (phrases.get("with"), phrases.get("without")):
                if phrase and all(facts.get(name) for name in _names_in(phrase)):
                    return phrase.format_map(dict(facts))[:LONGEST]
        for pattern, phrase in self.by_pattern.items():
            if topic and fnmatchcase(topic, pattern):
                return phrase[:LONGEST]
        by_reason = self.by_reason.get(reason) if topic is None else None
        return (by_reason or self.by_category.get(category, LAST_RESORT))[:LONGEST]

    def name_both(self, first: str, second: str) -> str:
        """Return two phrases in one breath."""
        return self.both.format(first=first, second=second)[:LONGEST]

    def title(self, topic: str) -> str | None:
        """Return what stands on a button for the topic; None where it has no name of its own."""
        phrase = self.by_topic.get(topic, {}).get("without")
        return phrase[:1].upper() + phrase[1:] if phrase else None


def load_problems(path: Path) -> Problems:
    """Read the phrases at ``path``; a file that cannot be used is logged, and every problem is then "your question"."""
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
        both = str(raw.get("both") or Problems.both)
        both.format(first="", second="")
        return Problems(
            by_signal=_phrases(raw, "signals"),
            by_topic=_phrases(raw, "problems"),
            by_reason={str(reason): str(text) for reason, text in _mapping(raw, "reasons").items()},
            by_pattern={str(pattern): str(text) for pattern, text in _mapping(raw, "patterns").items()},
            by_category={str(category): str(text) for category, text in _mapping(raw, "category").items()},
            both=both,
            buttons={str(name): str(title) for name, title in _mapping(raw, "buttons").items()},
        )
    except (OSError, YAMLError, AttributeError, TypeError, ValueError, LookupError) as error:
        log.error("problem_wording_unusable", path=str(path), why=str(error))
        return Problems()


def _phrases(raw: Mapping[str, Any], name: str) -> dict[str, dict[str, str]]:
    return {
        str(key): {str(kind): str(text) for kind, text in phrases.items()}
        for key, phrases in _mapping(raw, name).items()
    }


def _mapping(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = raw.get(name) or {}
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping")
    return value


def _names_in(phrase: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(phrase) if name)

"""The FAQ as the content team keeps it: the questions of ``data/faq``, and the answers that the bot gives to them.

A file is looked at again when somebody asks, at most once a second, and read when its date or size has changed. One
that cannot be used, because somebody is in the middle of editing it, keeps its last good content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS: Final = 1.0
FOLDERS: Final = ("faq", "responses")
ANSWER_OF: Final = "utter_"
QUESTIONS_USED: Final = 20
"""Of each entry, the first so many questions: more find hardly better (docs/benchmarks.md)."""


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One entry: its topic (``faq/...``), its example questions, and the answer in its first wording."""

    topic: str
    questions: tuple[str, ...]
    answer: str

    @property
    def title(self) -> str:
        """The question that stands for it."""
        return self.questions[0]


@dataclass(frozen=True, slots=True)
class _File:
    """What one file holds, and what it was when it was read."""

    signature: tuple[int, int]
    questions: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, str]


class LiveFaq:
    """The FAQ of a data folder as it is now. ``now`` reads files, so it belongs in a thread."""

    def __init__(self, data_dir: Path, clock: Callable[[], float]) -> None:
        """``clock`` tells seconds that only grow."""
        self._folders = tuple(data_dir / name for name in FOLDERS)
        self._clock = clock
        self._looked = float("-inf")
        self._files: dict[Path, _File] = {}
        self._entries: tuple[FaqEntry, ...] = ()

    def now(self) -> tuple[FaqEntry, ...]:
        """Every entry that has questions and an answer. The same object comes back until a file changes."""
        moment = self._clock()
        if moment - self._looked >= LOOK_EVERY_SECONDS:
            self._looked = moment
            self._look()
        return self._entries

    def _look(self) -> None:
        found: dict[Path, _File] = {}
        for path in sorted(path for folder in self._folders for path in folder.rglob("*.yml")):
            known = self._files.get(path)
            try:
                status = path.stat()
                signature = (status.st_mtime_ns, status.st_size)
                found[path] = known if known and known.signature == signature else _read(path, signature)
            except (OSError, YAMLError, ValueError) as error:
                log.warning("faq_file_not_used", path=path.name, problem=str(error), kept=known is not None)
                if known is not None:
                    found[path] = _File(signature, known.questions, known.answers)
        if found == self._files:
            return
        self._files = found
        answers = {name: text for file in found.values() for name, text in file.answers.items()}
        self._entries = tuple(
            FaqEntry(topic, questions, answers[ANSWER_OF + topic])
            for file in found.values()
            for topic, questions in file.questions.items()
            if ANSWER_OF + topic in answers
        )


def _read(path: Path, signature: tuple[int, int]) -> _File:
    """Raise ``OSError``, ``YAMLError`` or ``ValueError`` when the file cannot be used."""
    content: Any = YAML(typ="safe", pure=False).load(path.read_text(encoding="utf-8"))
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise ValueError("it is no mapping; a content file begins with version: and nlu: or responses:")
    questions = {}
    for entry in content.get("nlu") or ():
        topic, examples = (entry.get("intent"), entry.get("examples")) if isinstance(entry, dict) else (None, None)
        if isinstance(topic, str) and topic.startswith("faq/") and isinstance(examples, str):
            lines = [line.strip()[2:].strip() for line in examples.splitlines() if line.strip().startswith("- ")]
            if lines:
                questions[topic] = tuple(lines[:QUESTIONS_USED])
    responses = content.get("responses") or {}
    answers = {
        str(name): variants[0]["text"].strip()
        for name, variants in (responses.items() if isinstance(responses, dict) else ())
        if isinstance(variants, list) and variants and isinstance(variants[0], dict) and variants[0].get("text")
    }
    return _File(signature, questions, answers)

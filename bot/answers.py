"""The texts of the answers as they stand in the content files now, so that a changed text is live without training.

The model knows which answer is wanted; what it says is read here. A file is read again when its date or size changes,
and looked at no more than once a second. A file that cannot be used, because somebody is in the middle of editing it,
keeps its last good answers; the log says so once for each state of the file.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, ClassVar, Sequence

import yaml

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
RESPONSES = "responses"
TEXT = "text"
SPEAKING = (TEXT, "custom", "image", "attachment")
"""A variant that has none of these says nothing."""

Answers = dict[str, list[dict[str, Any]]]


_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Yaml12(_PARSER):
    """Reads as Rasa does, by YAML 1.2: a button called Yes is a word and 10:30 no number."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


class UnusableFileError(ValueError):
    """The file is no YAML, or its answers have another form than Rasa's; the message says which."""


@dataclass(frozen=True)
class _State:
    """What a file was when it was last looked at."""

    changed: int
    size: int


class LiveAnswers:
    """The answers of all content files below some folders, newest text first."""

    def __init__(self, folders: Sequence[Path], clock: Callable[[], float]) -> None:
        """Reads them; ``clock`` tells seconds that only grow."""
        self._folders = tuple(folders)
        self._clock = clock
        self._looked = float("-inf")
        self._states: dict[Path, _State] = {}
        self._of_file: dict[Path, Answers] = {}
        self._answers: Answers = {}

    def now(self) -> Answers:
        """Every answer by its name. The same object comes back until a file changes."""
        moment = self._clock()
        if moment - self._looked >= LOOK_EVERY_SECONDS:
            self._looked = moment
            self._look()
        return self._answers

    def _look(self) -> None:
        found = self._scan()
        if found == self._states:
            return
        for path in self._states.keys() - found.keys():
            self._of_file.pop(path, None)
        for path, state in found.items():
            if self._states.get(path) != state:
                self._read(path)
        self._states = found
        self._answers = {name: answer for path in sorted(self._of_file) for name, answer in self._of_file[path].items()}

    def _scan(self) -> dict[Path, _State]:
        found: dict[Path, _State] = {}
        for folder in self._folders:
            for path in folder.rglob("*.yml"):
                try:
                    status = path.stat()
                except OSError:
                    continue  # gone between the two looks: an editor replaces files
                found[path] = _State(status.st_mtime_ns, status.st_size)
        return found

    def _read(self, path: Path) -> None:
        try:
            self._of_file[path] = read_answers(path)
        except (OSError, UnusableFileError) as error:
            kept = "its last good answers stay" if path in self._of_file else "the trained answers stay"
            logger.warning(f"{path} cannot be used: {error}; {kept}")


def read_answers(path: Path) -> Answers:
    """The answers of one file, by name; none when it has no ``responses``.

    Raises:
        UnusableFileError: it is no YAML, or an answer is empty or of another form than Rasa's.
        OSError: it cannot be read.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Yaml12)  # noqa: S506 (built on the safe one)
    except UnicodeDecodeError as error:
        raise UnusableFileError("it is not UTF-8") from error
    except yaml.YAMLError as error:
        raise UnusableFileError(" ".join(str(error).split())) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UnusableFileError("it must begin with keys such as `responses:`")
    answers = content.get(RESPONSES) or {}
    if not isinstance(answers, dict):
        raise UnusableFileError("`responses:` must hold names with their answers")
    for name, variants in answers.items():
        if not isinstance(variants, list) or not variants or not all(map(_speaks, variants)):
            raise UnusableFileError(f"the answer {name} is empty or not a list of texts")
    return answers


def _speaks(variant: object) -> bool:
    if not isinstance(variant, dict) or not any(variant.get(key) for key in SPEAKING):
        return False
    text = variant.get(TEXT)
    return text is None or (isinstance(text, str) and bool(text.strip()))

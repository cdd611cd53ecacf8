"""The project's own training conversations, each with the turn from which a person should take over, if any."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from models.frustration.examples import OWN, Example, ExamplesError
from models.frustration.reading import Said, Speaker

CONVERSATIONS: Final = Path(__file__).resolve().parent / "dialogues"
SPEAKERS: Final[tuple[Speaker, ...]] = ("customer", "bot", "agent")
TAKE_OVER: Final = "take_over"


def read_conversations(folder: Path = CONVERSATIONS) -> dict[str, list[list[Example]]]:
    """The customer's turns of each conversation with what was said before, by file name.

    ``take_over`` of a turn is 1.0 from the marked one on. ``*.yml`` hold a list ``conversations`` of mappings with
    ``turns``: each turn a mapping of its speaker to its text, the first one to take over marked ``take_over: true``.

    Raises:
        ExamplesError: a file is not as it should be.
    """
    return {file.stem: [_turns(file, row) for row in _conversations(file)] for file in sorted(folder.glob("*.yml"))}


def _conversations(file: Path) -> list[Mapping[str, Any]]:
    try:
        rows = YAML(typ="safe").load(file.read_text(encoding="utf-8"))["conversations"]
    except (OSError, UnicodeDecodeError, YAMLError, TypeError, KeyError) as error:
        raise ExamplesError(f"{file} has no list `conversations:` that can be read ({error})") from error
    return list(rows)


def _turns(file: Path, row: Mapping[str, Any]) -> list[Example]:
    said: list[Said] = []
    examples: list[Example] = []
    taken = False
    try:
        for turn in row["turns"]:
            (speaker,) = (name for name in SPEAKERS if name in turn)
            taken = taken or bool(turn.get(TAKE_OVER))
            if speaker == "customer":
                examples.append(Example(turn[speaker], OWN, tuple(said), take_over=float(taken)))
            said.append(Said(speaker, str(turn[speaker])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ExamplesError(f"{file}, conversation {row.get('id', '?')}: {error!r}; see another one there") from error
    return examples

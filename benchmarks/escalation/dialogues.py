"""The project's own dialogues with the turn from which a person should take over: read, and checked while reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from benchmarks.escalation.scoring import Role, Turn
from benchmarks.escalation.sets import MissingSetError
from warmline.paths import PROJECT_ROOT

Part = Literal["development", "test"]

OWN_DIALOGUES: Final = PROJECT_ROOT / "tests" / "data" / "escalation"
NEVER: Final = "never"
TRIGGERS: Final = (
    "frustration", "fury", "request", "superior", "loop", "repeat_contact", "legal", "regulator", "press", "fraud",
    "security", "safety", "self_harm", "money", "business_critical", "authority", "bot_error", "wait", "gives_up",
)  # fmt: skip
TAKE_OVER: Final = "take_over"
KEYS: Final = frozenset({"id", "part", "why", "turns"})


class DialogueError(ValueError):
    """A dialogue cannot be used; the message says which, in which file, and how to mend it."""


@dataclass(frozen=True)
class Dialogue:
    """A conversation and the places of the turns from which a person should have it.

    ``take_over`` counts from 0 over all turns; it is empty where nobody should take over, and its first place is the
    one that counts where only one can. ``why`` is the kind of trigger, or ``never``.
    """

    id: str
    why: str
    turns: tuple[Turn, ...]
    take_over: tuple[int, ...]
    part: Part | None = None


def read_dialogues(folder: Path = OWN_DIALOGUES) -> tuple[Dialogue, ...]:
    """Every dialogue of the ``*.yml`` files in ``folder``, in the order of their names.

    Raises:
        MissingSetError: there is no such file.
        DialogueError: a file is no YAML, or says something that cannot be meant.
    """
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise MissingSetError(f"{folder}/*.yml")
    found: dict[str, tuple[Path, Dialogue]] = {}
    for file in files:
        for dialogue in _read(file):
            if dialogue.id in found:
                other = found[dialogue.id][0].name
                raise DialogueError(f"{file}, {dialogue.id}: the id is taken already, in {other}; give it another")
            found[dialogue.id] = file, dialogue
    return tuple(dialogue for _, dialogue in found.values())


def _read(file: Path) -> list[Dialogue]:
    try:
        content = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise DialogueError(f"{file} is no YAML that can be read: {error}") from error
    rows = content.get("conversations") if isinstance(content, Mapping) else None
    if not isinstance(rows, list) or not rows:
        raise DialogueError(f"{file} has no list `conversations:`; begin with it")
    return [_dialogue(file, number, row) for number, row in enumerate(rows, start=1)]


def _dialogue(file: Path, number: int, row: Any) -> Dialogue:
    name = str(row.get("id") or "") if isinstance(row, Mapping) else ""
    try:
        if not name:
            raise DialogueError("it has no id; give it a short one of its own")
        if wrong := set(row) ^ KEYS:
            raise DialogueError(f"it must have {', '.join(sorted(KEYS))} and nothing else; look at {sorted(wrong)}")
        part = _one_of("part", row["part"], get_args(Part))
        why = _one_of("why", row["why"], (*TRIGGERS, NEVER))
        turns, marks = _turns(row["turns"])
        if len(marks) != (why != NEVER):
            needed = "no turn" if why == NEVER else "exactly one turn, the first from which a person should take over,"
            raise DialogueError(f"{needed} must have {TAKE_OVER}: true where why is {why}; {len(marks)} have")
        return Dialogue(name, why, turns, marks, "development" if part == "development" else "test")
    except DialogueError as error:
        raise DialogueError(f"{file}, {name or f'conversation {number}'}: {error}") from error


def _turns(rows: Any) -> tuple[tuple[Turn, ...], tuple[int, ...]]:
    if not isinstance(rows, list) or not rows:
        raise DialogueError("turns must be a list that is not empty")
    turns, marks = [], []
    for place, row in enumerate(rows):
        turn = _turn(place, row)
        if TAKE_OVER in row:
            if turn.role != "customer" or row[TAKE_OVER] is not True:
                raise DialogueError(
                    f"turn {place + 1}: {TAKE_OVER} is true, and stands at a customer's turn, or nowhere"
                )
            marks.append(place)
        turns.append(turn)
    if turns[0].role != "customer":
        raise DialogueError("the customer begins; take the first turn away or put one before it")
    return tuple(turns), tuple(marks)


def _turn(place: int, row: Any) -> Turn:
    roles: tuple[Role, ...] = get_args(Role)
    said = [role for role in roles if isinstance(row, Mapping) and role in row]
    if len(said) != 1 or set(row) - {said[0], TAKE_OVER}:
        raise DialogueError(f"turn {place + 1}: write one of {', '.join(roles)} with what they say, and nothing else")
    text = row[said[0]]
    if not isinstance(text, str) or not text.strip():
        raise DialogueError(f"turn {place + 1}: what the {said[0]} says is no text; put it in quotes")
    return Turn(said[0], text)


def _one_of(key: str, value: Any, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise DialogueError(f"{key} is {value!r}; choose one of {', '.join(allowed)}")
    return str(value)

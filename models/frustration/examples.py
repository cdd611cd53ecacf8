"""What the frustration network learns from: the project's own turns, GoEmotions, convabuse, and agents' verdicts."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.frustration.reading import Said, Speaker

TURNS: Final = Path(__file__).resolve().parent / "turns"
NEEDS_TURNS: Final = Path(__file__).resolve().parent / "needs"
SPEAKERS: Final[Mapping[str, Speaker]] = {"C": "customer", "B": "bot", "A": "agent"}
BETWEEN: Final = " || "

FRUSTRATION_SCALE: Final = 4.0
URGENCY_SCALE: Final = 3.0
ABUSE_SHARE: Final[Mapping[float, float]] = {0.0: 0.0, 1.0: 0.35, 2.0: 0.9, 3.0: 1.0}
"""The share of people who would call a turn of this grade abusive: rude, insulting, threatening."""

KIND_FLOOR: Final[Mapping[str, float]] = {
    "neutral_problem": 0.1,
    "urgent_calm": 0.1,
    "correcting": 0.1,
    "rephrasing": 0.1,
    "neutral_cancel": 0.05,
}
"""Who has a problem, however calmly told, is a little less content than who says thanks: far below what counts as
frustrated, but in this order."""

EMOTIONS: Final = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
    "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy",
    "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral",
)  # fmt: skip
NEGATIVE_EMOTIONS: Final = frozenset({"anger", "annoyance", "disappointment", "disapproval", "disgust"})

NEEDS: Final = (
    "person", "superior", "legal", "regulator", "press", "fraud", "security", "safety", "self_harm", "money",
    "business_critical", "repeat_contact", "long_wait", "gives_up", "failed", "solved",
)  # fmt: skip
"""What a turn may tell that a support team acts on; ``models/frustration/CARD.md`` says what each means."""

OWN: Final = "own"
PLAIN: Final = "plain"
GOEMOTIONS: Final = "goemotions"
CONVABUSE: Final = "convabuse"
VERDICTS: Final = "verdicts"

VERDICT_TARGETS: Final[Mapping[str, float]] = {"needed": 0.8, "should_have_come_earlier": 0.8, "not_needed": 0.1}
"""How frustrated, 0 to 1, the turn is taken for from which a person was needed, by the agent's verdict."""


class ExamplesError(ValueError):
    """A file of examples cannot be used; the message says where and how to mend it."""


@dataclass(frozen=True)
class Example:
    """One turn with its targets, each 0 to 1; None where its source does not tell.

    ``needs`` and ``emotions`` hold 1.0 or 0.0 for each of :data:`NEEDS` and :data:`EMOTIONS`.
    """

    text: str
    source: str
    before: tuple[Said, ...] = ()
    frustration: float | None = None
    abuse: float | None = None
    urgency: float | None = None
    take_over: float | None = None
    needs: tuple[float, ...] | None = None
    emotions: tuple[float, ...] | None = None
    kind: str = ""


def read_turns(folder: Path = TURNS) -> dict[str, list[Example]]:
    """The project's own turns by file name, in the order of the files.

    Raises:
        ExamplesError: a row is not ``kind,frustration 0..4,abuse 0..3,urgency 0..3,before,text``.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise ExamplesError(f"{folder} holds no *.csv of turns")
    return {file.stem: [_turn(file, number, row) for number, row in _rows(file)] for file in files}


def read_needs(folder: Path = NEEDS_TURNS) -> dict[str, list[Example]]:
    """The project's own turns labelled with what they tell, by file name.

    Raises:
        ExamplesError: a row is not ``labels,before,text`` with labels of :data:`NEEDS` joined by ``|``.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise ExamplesError(f"{folder} holds no *.csv of turns")
    return {file.stem: [_needing(file, number, row) for number, row in _rows(file)] for file in files}


def plain_requests(texts: Sequence[str], wishes: Sequence[str]) -> list[Example]:
    """The assistant's own training questions, which tell none of :data:`NEEDS`, and those that ask for a person."""
    nothing = (0.0,) * len(NEEDS)
    wish = tuple(float(name == "person") for name in NEEDS)
    return [Example(text, PLAIN, needs=needs) for some, needs in ((texts, nothing), (wishes, wish)) for text in some]


def read_goemotions(file: Path) -> list[Example]:
    """One file of GoEmotions (Demszky et al., ACL 2020): ``id,text,labels``, labels joined by ``|``.

    Raises:
        ExamplesError: it has other columns.
    """
    found = []
    for number, row in _rows(file):
        try:
            labels = frozenset(row["labels"].split("|"))
            emotions = tuple(float(name in labels) for name in EMOTIONS)
            hot = float(bool(NEGATIVE_EMOTIONS & labels))
            found.append(Example(row["text"], GOEMOTIONS, frustration=hot, emotions=emotions))
        except (KeyError, AttributeError) as error:
            raise ExamplesError(f"{file}, line {number}: expected the columns id,text,labels") from error
    return found


def read_convabuse(file: Path) -> list[Example]:
    """One file of convabuse (Cercas Curry et al., EMNLP 2021): what people say to bots, and how many find it abusive.

    ``severities`` are the annotators' grades: 1 not abusive, 0 ambiguous, -1 to -3 abusive; ambiguous counts half.

    Raises:
        ExamplesError: it has other columns.
    """
    found = []
    for number, row in _rows(file):
        try:
            grades = [float(grade) for grade in row["severities"].split("|") if grade]
            share = sum(1.0 if grade < 0 else 0.5 if grade == 0 else 0.0 for grade in grades) / len(grades)
            said = (Said("bot", row["prev_agent"]), Said("customer", row["prev_user"]), Said("bot", row["agent"]))
            before = tuple(message for message in said if message.text.strip(" _"))
            found.append(Example(row["user"], CONVABUSE, before, abuse=share))
        except (KeyError, AttributeError, ValueError, ZeroDivisionError) as error:
            raise ExamplesError(f"{file}, line {number}: expected convabuse's columns ({error})") from error
    return found


def read_verdicts(file: Path) -> list[Example]:
    """Agents' verdicts as ``python -m handoff.labels --json`` exports them: the turn that decided, as it was judged.

    Raises:
        ExamplesError: it is no such export.
    """
    try:
        labels = json.loads(file.read_text(encoding="utf-8"))
        return [example for label in labels["verdicts"] for example in _judged(label)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExamplesError(f"{file}: no export of `python -m handoff.labels --json` ({error})") from error


def said_before(text: str) -> tuple[Said, ...]:
    """``C: ... || B: ...`` as messages.

    Raises:
        ValueError: a part has no speaker C, B or A.
    """
    messages = []
    for part in filter(None, text.split(BETWEEN)):
        mark, colon, words = part.strip().partition(":")
        if not colon or mark not in SPEAKERS:
            raise ValueError(f"{part[:30]!r} begins with none of C:, B:, A:")
        messages.append(Said(SPEAKERS[mark], words.strip()))
    return tuple(messages)


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            reader = csv.DictReader(opened)
            for row in reader:
                yield reader.line_num, row
    except OSError as error:
        raise ExamplesError(f"{file} cannot be read ({error.strerror})") from error


def _turn(file: Path, number: int, row: Mapping[str, str]) -> Example:
    try:
        frustration = float(row["frustration"])
        abuse, urgency = (float(row[name]) if row[name] else None for name in ("abuse", "urgency"))
        if not (0 <= frustration <= FRUSTRATION_SCALE and 0 <= (urgency or 0) <= URGENCY_SCALE):
            raise ValueError("frustration is 0 to 4, urgency 0 to 3 or empty")
        if abuse is not None and abuse not in ABUSE_SHARE:
            raise ValueError("abuse is 0, 1, 2, 3 or empty")
        return Example(
            row["text"],
            OWN,
            said_before(row["before"]),
            max(frustration / FRUSTRATION_SCALE, KIND_FLOOR.get(row["kind"], 0.0)),
            None if abuse is None else ABUSE_SHARE[abuse],
            None if urgency is None else urgency / URGENCY_SCALE,
            kind=row["kind"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ExamplesError(f"{file}, line {number}: {error}") from error


def _needing(file: Path, number: int, row: Mapping[str, str]) -> Example:
    try:
        labels = frozenset(filter(None, (name.strip() for name in row["labels"].split("|"))))
        if unknown := sorted(labels - set(NEEDS)):
            raise ValueError(f"no such label: {', '.join(unknown)}; choose of {', '.join(NEEDS)}")
        needs = tuple(float(name in labels) for name in NEEDS)
        return Example(row["text"], OWN, said_before(row["before"]), needs=needs)
    except (KeyError, AttributeError, ValueError) as error:
        raise ExamplesError(f"{file}, line {number}: {error}") from error


def _judged(label: Mapping[str, object]) -> Sequence[Example]:
    raise NotImplementedError

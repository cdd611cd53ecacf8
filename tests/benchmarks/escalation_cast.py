"""A stand-in for the code under test, and a few dialogues, for the tests of the escalation benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.escalation.dialogues import Dialogue
from benchmarks.escalation.scoring import Decision, Role, Turn

DIALOGUES = """
conversations:
- id: kettle-leaks
  part: test
  why: frustration
  turns:
  - customer: "my kettle leaks"
  - bot: "Sorry to hear that."
  - customer: "ANGRY now, third kettle"
    take_over: true
- id: kettle-colour
  part: test
  why: never
  turns:
  - customer: "is the kettle red"
  - bot: "It is."
  - customer: "lovely"
- id: toaster-smokes
  part: development
  why: safety
  turns:
  - customer: "the toaster smokes"
    take_over: true
  - bot: "Which toaster?"
  - customer: "the one that smokes"
- id: toaster-joke
  part: development
  why: never
  turns:
  - customer: "a toaster so good it makes me ANGRY"
"""


@dataclass(frozen=True)
class StandInMood:
    """How the stand-in reads a turn."""

    score: float
    abuse: float = 0.0


@dataclass(frozen=True)
class StandInScore:
    """What the stand-in says of a customer's turn."""

    frustration: float
    decision: Decision
    abuse: float = 0.0
    reasons: tuple[str, ...] = ("a word",)


class StandIn:
    """Hears ANGRY as fury, cross as annoyance, and calls whoever says rude abusive."""

    def __init__(self) -> None:
        self.before: list[tuple[str, ...]] = []

    def mood(self, text: str, before: Sequence[Turn]) -> StandInMood:
        self.before.append(tuple(f"{turn.role}: {turn.text}" for turn in before))
        return StandInMood(_frustration(text), 1.0 if "rude" in text else 0.0)

    def conversation(self, turns: Sequence[Turn]) -> list[StandInScore | None]:
        return [_scored(turn.text) if turn.role == "customer" else None for turn in turns]

    def notes(self) -> tuple[str, ...]:
        return ("A stand-in scored.",)


def dialogue(*said: str, take_over: tuple[int, ...] = (), why: str = "frustration") -> Dialogue:
    """``C: ...`` is the customer's, ``B: ...`` the bot's."""
    roles: dict[str, Role] = {"C": "customer", "B": "bot"}
    turns = tuple(Turn(roles[text[0]], text[3:]) for text in said)
    return Dialogue("one", why if take_over else "never", turns, take_over, "development")


def write_dialogues(folder: Path, text: str = DIALOGUES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "some.yml").write_text(text, encoding="utf-8")
    return folder


def _scored(text: str) -> StandInScore:
    score = _frustration(text)
    return StandInScore(score, "now" if score > 0.7 else "offer" if score > 0.4 else "none")


def _frustration(text: str) -> float:
    return 0.9 if "ANGRY" in text else 0.5 if "cross" in text else 0.1

"""A conversation that is scored turn by turn, with a bot that makes every offer that is decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from actions.scoring.decision import Outcome, score_turn
from actions.scoring.picture import Picture
from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask, Scene, Signal
from actions.scoring.turn import OFFER_ACTION, TurnInput

CALM = 0.1


@dataclass
class Talk:
    """What was said so far, and what is remembered of it."""

    view: PolicyView
    picture: Picture = field(default_factory=Picture)
    last_actions: tuple[str, ...] = ()
    turns: int = 0

    def says(self, text: str, *, needs: dict[str, float] | None = None, **given: Any) -> Outcome:
        """The customer says something, calmly unless ``frustration`` is given; returns what is decided."""
        self.turns += 1
        turn = TurnInput(**{"frustration": CALM, "intent": "inform", **given}, key=str(self.turns), text=text)
        turn = replace(turn, needs=needs or {}, last_actions=self.last_actions)
        outcome, self.picture = score_turn(turn, self.picture, self.view)
        self.last_actions = (OFFER_ACTION,) if outcome.action is Ask.OFFER else ()
        return outcome


def scene(view: PolicyView, turn: TurnInput, picture: Picture | None = None, before: Picture | None = None) -> Scene:
    """What a signal may look at."""
    return Scene(turn, before or Picture(), picture or Picture(), view)


def named(outcome: Outcome, name: str) -> Signal | None:
    """The signal of this name, if it spoke."""
    return next((signal for signal in outcome.signals if signal.name == name), None)

"""A sum above what the assistant may decide by itself (P4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from actions.scoring.policy import AuthorityRule
from actions.scoring.signal import Ask, Kind, Scene, Signal
from actions.scoring.turn import TurnInput

_SUM: Final = re.compile(
    r"(?:£|\$|€|gbp|eur|usd)\s*(\d[\d,]*(?:\.\d{1,2})?)|(\d[\d,]*(?:\.\d{1,2})?)\s*(?:£|€|pounds?|quid)"
)
MOST: Final = 1_000_000.0
"""Pounds: a longer row of digits is the number of something, and no sum."""
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d{1,2})?")


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal when the request names a sum above the limit and the order that it is about.

    Without the order the assistant first asks for it, so that the person who takes over has it.
    """
    turn = scene.turn
    rule = next((rule for rule in scene.policy.authority if turn.topic in rule.topics), None)
    amount = amount_of(turn)
    if rule is None or amount is None or amount <= rule.bot_limit:
        return
    yield beyond(rule, amount, scene.policy.authority_severity, complete="order_number" in turn.entities)


def beyond(rule: AuthorityRule, amount: float, severity: int, *, complete: bool = True) -> Signal:
    """Return the signal for ``amount`` pounds above the limit of ``rule``."""
    return Signal(
        name=f"authority_{rule.name}",
        reason="authority",
        value=amount,
        threshold=rule.bot_limit,
        asks=Ask.NOW if complete else Ask.NOTHING,
        evidence=(f"£{amount:.2f} asked, the assistant may decide up to £{rule.bot_limit:.2f}",),
        kind=Kind.HIERARCHICAL,
        severity=severity,
        level=rule.level_for(amount),
        hard=True,
        progress=0.0 if not complete else 1.0,
    )


def amount_of(turn: TurnInput) -> float | None:
    """Return the largest sum that the turn names, in pounds; None when it names none."""
    found = [first or second for first, second in _SUM.findall(turn.text.lower())]
    if named := _NUMBER.search(turn.entities.get("amount", "")):
        found.append(named[0])
    sums = (float(text.replace(",", "")) for text in found)
    return max((amount for amount in sums if amount <= MOST), default=None)

"""Named risks hand over at once, whatever the mood (P5); talking about one in general does not (P10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from actions.scoring.policy import RiskRule
from actions.scoring.signal import Ask, Kind, Scene, Signal
from actions.scoring.words import find_phrases, normalise, phrase_pattern

_SENTENCE: Final = re.compile(r"[^.!?;]+[.!?;]*")
_ASKS: Final = re.compile(
    r"^(?:(?:hi|hello|hey|and|but|so|ok|okay|please|sorry|actually|just wondering|quick question)[,:]? )*"
    r"(?:what|what's|which|who|where|when|how|why|is|are|do|does|did|can|could|would|will|may|have you|has there"
    r"|i'd like to know|i would like to know|i want to know|i wonder|tell me|could you tell me|any idea)\b"
)
_THREATENS: Final = re.compile(
    r"\b(?:do i (?:really )?(?:have|need) to|must i|should i|shall i|will i have to|would you (?:like|prefer|rather))"
    r" (?:me to |i )?(?:go|call|ring|phone|contact|write|report|involve|get|take|complain|bring|speak|talk)\b"
    r"|\b(?:i'll|i will|i'm going|i am going|going to|gonna)\b"
)
_OUT: Final = "_"


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield one signal for each risk whose phrases stand in the turn, or that it tells by its meaning."""
    text = normalise(scene.turn.text)
    for rule in scene.policy.risks:
        likely = scene.turn.tells(rule.name)
        # Where nobody looked at the meaning, as with VADER alone, all words count.
        mentioned = rule.if_meant_from is not None and bool(scene.turn.needs) and likely < rule.if_meant_from
        found = risks_in(text, rule, only_plain=mentioned)
        enough = scene.turn.take_over >= scene.policy.like_handoffs.with_meaning
        alone = rule.alone_from is not None and likely >= rule.alone_from and not asks_about(text, rule)
        by_meaning = alone or (rule.meaning_from is not None and likely >= rule.meaning_from and enough)
        if not found and not by_meaning:
            continue
        meant = (f"{rule.label}: by meaning, {likely:.0%} likely",) if by_meaning else ()
        yield Signal(
            name=f"risk_{rule.name}",
            reason="policy",
            value=float(max(1, len(found))),
            threshold=1.0,
            asks=Ask.NOW,
            weight=scene.policy.weights.get("risk", 1.0),
            evidence=(*(f"{rule.label}: {phrase}" for phrase in found), *meant),
            kind=Kind.PRIORITY,
            severity=rule.severity,
            level=rule.level,
            category=rule.category,
            hard=True,
        )


def risks_in(text: str, rule: RiskRule, *, only_plain: bool = False) -> tuple[str, ...]:
    """Return the phrases of ``rule`` that count in ``text`` (already normalised).

    ``only_plain`` leaves out the words that may as well only be mentioned.
    """
    plain = phrase_pattern(rule.unless).sub(_OUT, text)
    found = [*find_phrases(plain, rule.phrases, even_if_denied=rule.even_if_denied)]
    if not only_plain:
        found += find_phrases(plain, rule.if_meant, even_if_denied=rule.even_if_denied)
        for sentence in (one for one in _sentences(plain) if not _only_asks(one)):
            found += find_phrases(sentence, rule.unless_asked, even_if_denied=rule.even_if_denied)
    # "hear from my solicitor" says all that "solicitor" says.
    return tuple(dict.fromkeys(one for one in found if not any(one != other and one in other for other in found)))


def asks_about(text: str, rule: RiskRule) -> bool:
    """Say whether ``text`` (already normalised) does nothing but ask about the risk, "which ombudsman is yours?"."""
    return bool(find_phrases(text, rule.unless_asked)) and all(map(_only_asks, _sentences(text)))


def _sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in _SENTENCE.findall(text)]


def _only_asks(sentence: str) -> bool:
    """Say whether a sentence asks for information. "Do I have to go to the ombudsman?" announces more than it asks."""
    asks = sentence.endswith("?") or _ASKS.search(sentence) is not None
    return asks and _THREATENS.search(sentence) is None

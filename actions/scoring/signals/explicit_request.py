"""The customer asks for a person, or for a superior, in any wording; a denied wish is no wish (P3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask, Kind, Scene, Signal
from actions.scoring.turn import PERSON_INTENT
from actions.scoring.words import normalise, phrase_pattern

SHORT: Final = 5
"""A turn of so many words or fewer asks for a person by naming one."""

_LEAD: Final = (
    r"(?:i(?:'d| would|'ll| will)? (?:really |just |only |still |now )?"
    r"(?:want|need|like|prefer|demand|insist on|request)"
    r"|i (?:asked|am asking|keep asking) for|i'm asking for|i wish|let me|can i|could i|may i|can you|could you"
    r"|would you|please|get me|give me|find me|put me|pass me|transfer me|connect me|hand me|send me|bring me"
    r"|fetch|is there|how do i|how can i|i have to|i must|where is|where's|want|(?<!no )need)"
)
_TALK: Final = (
    r"(?:talk|speak|chat|transfer(?: me| this)?|connect(?: me| this)?|put (?:me|this) (?:through|on)|pass (?:me|this)|"
    r"hand (?:me|this)|forward (?:me|this)|escalate(?: me| this)?|discuss (?:this|it)|complain|reach|get through|"
    r"get hold|get|give me|find me|get me|deal with|hear from|have)"
)
_TALK_TO: Final = (
    r"(?:talk(?:ing)?|speak(?:ing)?|chat(?:ting)?|transfer(?: me| this)?|connect(?: me)?"
    r"|put (?:me|this) (?:through|on)|pass (?:me|this)|hand (?:me|this)"
    r"|get (?:me )?(?:through|hold)|get me|find me|give me)"
)
_CALL_ME: Final = r"(?:call|ring|phone|contact|help|get back to|come back to)"
_FILL: Final = r"(?:[\w'-]+ ){0,%d}?"
_NOT: Final = r"\b(?:not|don't|dont|never|without|rather than|instead of|no need)\b"
_DENIED_BEFORE: Final = re.compile(
    rf"{_NOT} (?:[\w'-]+ ){{0,3}}$|\bno need (?:to|for) (?:[\w'-]+ ){{0,2}}$"
    # "I didn't have to talk to anyone" is glad of it; "I didn't get to talk to anyone" asks.
    r"|\b(?:did|does|do|need|would|will|wo)(?:n't|nt| not) (?:even |really |actually )?(?:have|need|want|wish) to $"
)
_DENIED_INSIDE: Final = re.compile(r"\b(?:not|don't|dont|never|without|no)\b")
_QUESTION_OF_LEAVE: Final = re.compile(
    r"\b(?:why )?(?:can't|cannot|can not|couldn't|can) (?:i|we|you|someone)(?: not| please)?\b"
)
_NO_BOT: Final = re.compile(
    r"\b(?:(?:don't|dont|do not|no longer) want|not|no more|stop|hate|sick of|tired of|done with|fed up with|"
    r"instead of|rather than)(?: to)? "
    r"(?:(?:talk|speak|chat|deal|typ|writ)(?:e|ing)? (?:to |with )?(?:an? |this |your |another |some )?"
    r"(?:bots?|robots?|chatbots?|machines?|computers?|automated \w+|ai)"
    r"|with the (?:bot|robot|chatbot)|(?:an? |this |your |another )?(?:bots?|chatbots?))\b"
    r"(?!\s+(?:won't|doesn't|isn't|is|does|has|stopped|broke))"
)
_ABOUT_YOU: Final = re.compile(r"\b(?:are you|is this|am i|you are|you're|r u)\b")
_ADDRESSED: Final = re.compile(r"^(?!.*\b(?:the|your|ur|an?|my) boss$).+ boss$")
"""A short turn that ends by calling whom it speaks to boss: "6:30 it is, boss"."""
_DETERMINER: Final = r"(?:an? |the |some |your |any |one of your |real |actual |live )*"


@dataclass(frozen=True)
class Wish:
    """A person was asked for: the words, and whether a superior is meant."""

    words: str
    superior: bool = False


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal when the turn asks for a person: by words, by meaning, by intent, or by a button."""
    turn, policy = scene.turn, scene.policy
    wish, denied = find_wish(turn.text, policy)
    by_intent = turn.intent == PERSON_INTENT and turn.confidence >= policy.request_confidence and not denied
    above = turn.tells("superior")
    enough = turn.take_over >= policy.like_handoffs.with_meaning
    by_meaning = max(turn.tells("person"), above) >= policy.request_meaning_from and enough and not denied
    if wish is None and not by_intent and not by_meaning:
        return
    superior = (wish is not None and wish.superior) or (above >= policy.request_meaning_from and enough)
    yield Signal(
        name="explicit_request",
        reason="explicit_request",
        value=1.0 if wish else turn.confidence if by_intent else round(max(turn.tells("person"), above), 3),
        threshold=policy.request_confidence,
        asks=Ask.NOW,
        evidence=(f"asked for a person: {wish.words}" if wish else "asked for a person",),
        kind=Kind.HIERARCHICAL if superior else Kind.FUNCTIONAL,
        severity=policy.request_severity,
        level=policy.superior_level if superior else 1,
        hard=True,
    )


def find_wish(text: str, policy: PolicyView) -> tuple[Wish | None, bool]:
    """Return the wish for a person in ``text``, and whether one was named only to be denied."""
    plain = _QUESTION_OF_LEAVE.sub("can i", normalise(text))
    plain = phrase_pattern(policy.not_people).sub("_", plain)
    denied = False
    for superior, pattern in _patterns(policy):
        for found in pattern.finditer(plain):
            clause = re.split(r"[.!?;,]", plain[: found.start()])[-1]
            if _DENIED_BEFORE.search(clause) or _DENIED_INSIDE.search(found[0]):
                denied = True
                continue
            return Wish(found[0].strip(), superior), False
    denied = denied or _denies(policy).search(plain) is not None
    if not denied and (found_bot := _NO_BOT.search(plain)):
        return Wish(found_bot[0]), False
    named = phrase_pattern((*policy.agents, *policy.superiors)).search(plain)
    if named and not denied and len(plain.split()) <= SHORT and not _is_about_someone(plain, named[0]):
        return Wish(named[0], phrase_pattern(policy.superiors).search(plain) is not None), False
    return None, denied


def _is_about_someone(plain: str, noun: str) -> bool:
    """Say whether a short turn talks of a person ("are you a human?", "my manager", "cheers boss"), asking for none."""
    own = re.search(rf"\bmy {re.escape(noun)}", plain)
    return bool(own or _ABOUT_YOU.search(plain) or _ADDRESSED.search(plain) or _DENIED_INSIDE.search(plain))


def _denies(policy: PolicyView) -> re.Pattern[str]:
    return _compile_denial((*policy.agents, *policy.superiors))


@lru_cache(maxsize=8)
def _compile_denial(nouns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"\b(?:not|no|without|rather than|instead of|don't (?:want|need)|no need for) {_DETERMINER}{_names(nouns)}"
    )


def _patterns(policy: PolicyView) -> tuple[tuple[bool, re.Pattern[str]], ...]:
    return _compile(policy.agents, policy.anyone, policy.superiors)


@lru_cache(maxsize=8)
def _compile(
    agents: tuple[str, ...], anyone: tuple[str, ...], superiors: tuple[str, ...]
) -> tuple[tuple[bool, re.Pattern[str]], ...]:
    strong, all_people, above = _names(agents), _names((*agents, *anyone)), _names(superiors)
    talk_to = rf"\b{_TALK_TO} (?:to |with |of |on to |over to |through to |on )?{_DETERMINER}{all_people}"
    call_me = (
        rf"\b(?:can|could|will|would|please have|have|get|need|want) (?:please )?{_DETERMINER}{all_people} "
        rf"(?:please )?(?:to |from \w+ |who can |that can |please )*{_CALL_ME} me\b"
    )
    i_can_talk_to = rf"\b{all_people} (?:(?:that |who |whom )?i (?:can|could) |to )(?:talk|speak|chat)\b"
    patterns = (
        (True, rf"\b(?:{_LEAD}|{_TALK}) {_FILL % 5}(?<!my ){_DETERMINER}{above}"),
        (True, r"\b(?:i want to|i would like to|i'd like to|please|i will|i'll) escalate\b"),
        (False, rf"\b{_LEAD} {_FILL % 4}(?<!my ){_DETERMINER}{strong}"),
        (False, talk_to),
        (False, call_me),
        (False, i_can_talk_to),
    )
    return tuple((superior, re.compile(pattern)) for superior, pattern in patterns)


def _names(nouns: tuple[str, ...]) -> str:
    ordered = sorted({normalise(noun) for noun in nouns}, key=len, reverse=True)
    return rf"(?:{'|'.join(re.escape(noun) for noun in ordered)})s?\b" if ordered else r"(?!)"

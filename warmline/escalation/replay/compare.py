"""One conversation as it was decided and under another policy: handoffs, offers, first difference, verdicts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handoff.contract import Decision, DecisionAction, Reason
from warmline.escalation.replay.stored import Case, Conversation
from warmline.escalation.replay.turns import ReplayedTurn

NO_REASON = "bot_error"


class Judged(StrEnum):
    """How a handoff looks in the light of the agent's verdict."""

    RIGHT = "right"
    """A person was needed and came when needed, or was not needed and did not come."""
    FALSE = "false"
    """Handed over, and no person was needed."""
    MISSED = "missed"
    """A person was needed and did not come, or came too late."""
    NOT_KNOWN = "not_known"
    """The policies differ before the handoff: what would have come then nobody can tell."""


@dataclass(frozen=True)
class Handoff:
    """A conversation that goes to a person, when and for what reason; ``case`` is its number where there is one."""

    at: datetime
    reason: str
    case: str | None = None


@dataclass(frozen=True)
class Difference:
    """A signal that the two policies measure differently, or hold against something else; None where it says nothing.

    ``evidence`` is what the customer wrote or did, tidied like the text.
    """

    signal: str
    was: Reason | None
    is_now: Reason | None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """The first turn (counted from 1) at which the two policies differ, in which way and why.

    ``before`` is the decision that was stored, ``after`` the other policy's; ``differences`` say why, none where both
    hand over and only to elsewhere. ``was``, ``is_now`` and ``why`` are words for people; the customer's ``text`` and
    the evidence are as they were written, unless they were tidied.
    """

    turn: int
    at: datetime
    text: str
    before: Decision
    after: Decision
    differences: tuple[Difference, ...] = ()

    @property
    def was(self) -> str:
        """What was decided, in words."""
        return in_words(self.before)

    @property
    def is_now(self) -> str:
        """What the other policy decides, in words."""
        return in_words(self.after)

    @property
    def elsewhere(self) -> bool:
        """Whether both hand over, and only to another queue, level or severity."""
        return self.before.action is self.after.action

    @property
    def why(self) -> tuple[str, ...]:
        """What makes the difference, a line each."""
        return tuple(_where_to(self.before, self.after) if self.elsewhere else _why(self.differences))


@dataclass(frozen=True)
class Verdict:
    """A case that an agent judged: how it looks as it was decided, and under the other policy."""

    case: str
    verdict: str
    as_decided: Judged
    other: Judged


@dataclass(frozen=True)
class Compared:
    """One conversation under both policies.

    ``kept`` handoffs come under both, ``lost`` under the stored decisions alone and ``gained`` under the other policy
    alone. ``not_known`` came after the first difference: whether the other policy would have had them nobody can tell.
    Offers are numbers of the same four kinds. ``exact`` is False where a turn was recorded without its scene.
    """

    id: str
    started_at: datetime
    turns: int
    exact: bool
    policies: tuple[str, ...]
    kept: tuple[Handoff, ...]
    lost: tuple[Handoff, ...]
    gained: tuple[Handoff, ...]
    not_known: tuple[Handoff, ...]
    offers_kept: int
    offers_lost: int
    offers_gained: int
    offers_not_known: int
    change: Change | None
    verdicts: tuple[Verdict, ...]

    @property
    def as_decided(self) -> tuple[Handoff, ...]:
        """The handoffs that there were."""
        return (*self.kept, *self.lost, *self.not_known)

    @property
    def other(self) -> tuple[Handoff, ...]:
        """The handoffs that the other policy makes for sure."""
        return (*self.kept, *self.gained)


def compare(
    conversation: Conversation, turns: Sequence[ReplayedTurn], tidy: Callable[[str], str] = lambda text: text
) -> Compared:
    """Compare what was decided about each turn with what another policy decides, up to the first difference.

    ``tidy`` is applied to what the customer wrote, in the text and in the evidence: it may mask what is personal.
    """
    cases = {case.handoff_message_id: case for case in conversation.cases}
    change = next((found for turn in turns if (found := _change(turn, cases, tidy)) is not None), None)
    end = change.at if change is not None else None
    was = _handoffs(turns, cases)
    kept, lost, gained, not_known = _sorted(was, change)
    offers = [t.stored.message.at for t in turns if t.stored.record.decision.action is DecisionAction.OFFER]
    offered = change is not None and change.after.action is DecisionAction.OFFER
    return Compared(
        id=conversation.id,
        started_at=conversation.started_at,
        turns=len(turns),
        exact=all(turn.exact for turn in turns),
        policies=tuple(turn.stored.record.decision.policy_version for turn in turns),
        kept=kept,
        lost=lost,
        gained=gained,
        not_known=not_known,
        offers_kept=sum(end is None or at < end for at in offers),
        offers_lost=sum(at == end for at in offers),
        offers_gained=int(offered),
        offers_not_known=sum(end is not None and at > end for at in offers),
        change=change,
        verdicts=tuple(_verdict(case, case.verdict, turns, change) for case in conversation.cases if case.verdict),
    )


def _sorted(was: tuple[Handoff, ...], change: Change | None) -> tuple[tuple[Handoff, ...], ...]:
    """Return the handoffs that are kept, lost, gained, and not known of."""
    if change is None:
        return was, (), (), ()
    before, after = (tuple(h for h in was if h.at < change.at), tuple(h for h in was if h.at > change.at))
    here = tuple(h for h in was if h.at == change.at)
    if _hands_over(change):
        gained = () if here else (Handoff(change.at, _reason(change.after)),)
        return (*before, *here), (), gained, after
    if change.before.action is DecisionAction.NOW:
        return before, here, (), after
    return before, (), (), (*here, *after)  # what came here was not decided by this turn


def _hands_over(change: Change) -> bool:
    return change.after.action is DecisionAction.NOW


def _handoffs(turns: Sequence[ReplayedTurn], cases: dict[str, Case]) -> tuple[Handoff, ...]:
    """Return every handoff that there was: those that a turn decided, and those that came otherwise, such as by the
    limit of a form or because the bot was silent."""
    found = []
    for turn in turns:
        decision, case = turn.stored.record.decision, cases.get(turn.stored.message.id)
        number = case.number if case is not None else None
        if decision.action is DecisionAction.NOW:
            found.append(Handoff(turn.stored.message.at, _reason(decision), number))
        elif case is not None:
            found.append(Handoff(turn.stored.message.at, case.reason.value, number))
    scored = {turn.stored.message.id for turn in turns}
    found += [
        Handoff(case.opened_at, case.reason.value, case.number) for key, case in cases.items() if key not in scored
    ]
    return tuple(sorted(found, key=lambda handoff: handoff.at))


def _reason(decision: Decision) -> str:
    return decision.reason.value if decision.reason is not None else NO_REASON


def _change(turn: ReplayedTurn, cases: dict[str, Case], tidy: Callable[[str], str]) -> Change | None:
    before, after = turn.stored.record.decision, turn.decision
    now = DecisionAction.NOW
    if before.action is not now and turn.stored.message.id in cases and after.action in (now, before.action):
        return None  # it went to a person otherwise than by this decision, and would again
    elsewhere = before.action is after.action is now and _goes_to(before) != _goes_to(after)
    if before.action is after.action and not elsewhere:
        return None
    return Change(
        turn=turn.number,
        at=turn.stored.message.at,
        text=tidy(turn.stored.message.text),
        before=before,
        after=after,
        differences=() if elsewhere else tuple(_differences(before, after, tidy)),
    )


def _goes_to(decision: Decision) -> tuple[str, int, int]:
    return decision.category, decision.severity, decision.level


def in_words(decision: Decision) -> str:
    """Return what a decision means for the customer."""
    if decision.action is DecisionAction.NONE:
        return "carries on"
    if decision.action is DecisionAction.OFFER:
        return "offers a person"
    return f"hands over to {decision.category}, severity {decision.severity}, level {decision.level}"


def _where_to(before: Decision, after: Decision) -> Iterator[str]:
    for name, was, is_now in zip(("queue", "severity", "level"), _goes_to(before), _goes_to(after), strict=True):
        if was != is_now:
            yield f"{name} {is_now} (as decided: {was})"


def _differences(before: Decision, after: Decision, tidy: Callable[[str], str]) -> Iterator[Difference]:
    had, has = ({reason.signal: reason for reason in decision.reasons} for decision in (before, after))
    for signal in dict.fromkeys((*has, *had)):
        was, is_now = had.get(signal), has.get(signal)
        if _measured(was) != _measured(is_now):
            shown = is_now or was
            yield Difference(signal, was, is_now, tuple(map(tidy, shown.evidence)) if shown is not None else ())


def _why(differences: Sequence[Difference]) -> Iterator[str]:
    for one in differences:
        evidence = f"; {', '.join(one.evidence)}" if one.evidence else ""
        yield (f"{one.signal.replace('_', ' ')}: {_against(one.is_now)} (as decided: {_against(one.was)}){evidence}")
    if not differences:
        yield (
            "the same signals, weighed otherwise: by what an offer or a declined one holds back, by the sum of mild "
            "signals, or by who is a VIP"
        )


def _measured(reason: Reason | None) -> tuple[float, float, float] | None:
    return (reason.value, reason.threshold, reason.weight) if reason is not None else None


def _against(reason: Reason | None) -> str:
    if reason is None:
        return "no such signal"
    return f"{reason.value:g} against {reason.threshold:g}" + (
        f", weight {reason.weight:g}" if reason.weight != 1 else ""
    )


def _verdict(case: Case, verdict: str, turns: Sequence[ReplayedTurn], change: Change | None) -> Verdict:
    then = {"needed": Judged.RIGHT, "not_needed": Judged.FALSE, "should_have_come_earlier": Judged.MISSED}[verdict]
    numbers = {turn.stored.message.id: turn.number for turn in turns}
    at = numbers.get(case.handoff_message_id)
    if at is None:
        at = sum(turn.stored.message.at <= case.opened_at for turn in turns)
    if change is None or change.turn > at:
        return Verdict(case.number, verdict, then, then)
    hands_over = _hands_over(change)
    if change.turn == at and hands_over:
        return Verdict(case.number, verdict, then, then)
    if change.turn < at and not hands_over:
        return Verdict(case.number, verdict, then, Judged.NOT_KNOWN)
    if verdict == "not_needed":
        other = Judged.FALSE if hands_over else Judged.RIGHT
    elif not hands_over:
        other = Judged.MISSED
    else:
        from_turn = numbers.get(case.should_have_come_at or "", at - 1) if verdict != "needed" else at
        other = Judged.RIGHT if change.turn <= from_turn else Judged.MISSED
    return Verdict(case.number, verdict, then, other)

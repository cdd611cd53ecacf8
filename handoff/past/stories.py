"""What happens in the demo's past, from ``data/demo/history.yml``: who writes, what is said, how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from handoff.contract import Category, EscalationKind, HandoffReason, Tier
from handoff.domain.cases import WaitingFor
from handoff.domain.conversations import Rating
from warmline.policy import EscalationPolicy

FILLED: Final = frozenset({"first", "agent", "order", "tracking", "invoice"})
"""What every conversation fills in by itself: the first names of customer and agent, numbers made up for it. The
``pools`` of the file add to it."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Weight = Annotated[int, Field(ge=1, le=100)]
Minutes = Annotated[float, Field(gt=0.0, le=2880.0)]


class PastError(Exception):
    """``history.yml`` cannot be used; the message has a line for each mistake."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Exchange(_Closed):
    """The customer writes one of these; the assistant answers, but to what it hands over."""

    customer: Annotated[tuple[str, ...], Field(min_length=1)]
    bot: str = ""
    frustration: Share = 0.05


class Handoff(_Closed):
    """Why a person takes over: as the decision would have said it."""

    problem: str
    reason: HandoffReason
    signal: str
    value: float = 1.0
    threshold: float = 0.6
    evidence: tuple[str, ...] = ()
    kind: EscalationKind = EscalationKind.FUNCTIONAL
    severity: Annotated[int, Field(ge=1, le=4)] = 3
    level: Annotated[int, Field(ge=1, le=4)] = 1
    contact_number: Annotated[int, Field(ge=1)] = 1


class Promise(_Closed):
    """The next word, in so many minutes."""

    minutes: Annotated[int, Field(ge=5, le=2880)]
    reason: str


class Moved(_Closed):
    """What was tried, and what must happen next."""

    tried: str
    next_step: str
    to: Category | None = None
    """The queue that it goes to; None for a level up."""


class Wait(_Closed):
    """For whom a case waits, and for what."""

    waiting_for: WaitingFor
    what: str


class Step(_Closed):
    """One thing that somebody does, ``after`` so many minutes (of open time, for agents)."""

    agent: str | None = None
    customer: str | None = None
    note: str | None = None
    plan: str | None = None
    promise: Promise | None = None
    transfer: Moved | None = None
    escalate: Moved | None = None
    wait: Wait | None = None
    after: Minutes = 2.0

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if len(self.model_fields_set - {"after"}) != 1:
            raise ValueError("a step is one thing: agent, customer, note, plan, promise, transfer, escalate or wait")
        if self.transfer is not None and self.transfer.to is None:
            raise ValueError("transfer needs `to`, the queue that it goes to")
        return self


class Ending(_Closed):
    """How the agent wraps it up; ``after`` so many minutes of open time."""

    disposition: str
    root_cause: str
    outcome: str
    after: Minutes = 4.0
    follow_up_days: Annotated[int, Field(ge=1, le=30)] | None = None


class Survey(_Closed):
    """What the customer says of it afterwards."""

    csat: Annotated[int, Field(ge=1, le=5)]
    nps: Annotated[int, Field(ge=0, le=10)] | None = None
    comment: str | None = None


class Story(_Closed):
    """One way in which conversations go. Without ``handoff`` the assistant manages alone."""

    key: str
    topic: str
    weight: Weight
    language: str | None = None
    talk: Annotated[tuple[Exchange, ...], Field(min_length=1)]
    facts: dict[str, str] = Field(default_factory=dict)
    rated: Rating | None = None
    """Whether the last answer of the assistant helped, where the customer says so."""
    handoff: Handoff | None = None
    steps: tuple[Step, ...] = ()
    ending: Ending | None = None
    surveys: tuple[Survey, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.handoff is None and (self.steps or self.ending or self.surveys):
            raise ValueError(f"{self.key}: steps, ending and surveys belong to a story with `handoff`")
        if any(not exchange.bot for exchange in self.talk[: len(self.talk) - (self.handoff is not None)]):
            raise ValueError(f"{self.key}: the assistant answers everything but what it hands over: add `bot`")
        waits_in_vain = bool(self.steps) and self.steps[-1].wait is not None
        if self.handoff is not None and (self.ending is None) != waits_in_vain:
            raise ValueError(f"{self.key}: a handoff needs an `ending`, or a last step that waits for the customer")
        return self

    @property
    def is_silent(self) -> bool:
        """Whether the customer never answers, so that the case closes by itself days later."""
        return self.handoff is not None and self.ending is None

    @property
    def minutes(self) -> float:
        """How long it takes at most, roughly, in open time."""
        return sum(step.after for step in self.steps) + (self.ending.after if self.ending else 0.0)

    def texts(self) -> Iterator[str]:
        """Every text with words to fill in."""
        for exchange in self.talk:
            yield from (*exchange.customer, exchange.bot)
        yield from self.facts.values()
        if self.handoff is not None:
            yield from (self.handoff.problem, *self.handoff.evidence)
        for step in self.steps:
            yield from (text for text in (step.agent, step.customer, step.note, step.plan) if text)
            yield from (step.promise.reason,) if step.promise else ()
            yield from (step.wait.what,) if step.wait else ()
            for moved in (step.transfer, step.escalate):
                yield from (moved.tried, moved.next_step) if moved else ()
        yield from (self.ending.outcome,) if self.ending else ()


class Again(_Closed):
    """It did not work: what the customer writes, what the agent answers, how it ends this time."""

    customer: str
    agent: str
    outcome: str


class Incident(_Closed):
    """So many customers with one ``story`` within an hour or so, ``days_ago``; a lead says what it is."""

    story: str
    days_ago: Annotated[int, Field(ge=2, le=28)]
    hour: Annotated[int, Field(ge=8, le=17)]
    customers: Annotated[int, Field(ge=2, le=20)]
    title: str
    announcement: str
    resolution: str


class Past(_Closed):
    """The whole file."""

    first_names: Annotated[tuple[str, ...], Field(min_length=10)]
    last_names: Annotated[tuple[str, ...], Field(min_length=10)]
    tiers: dict[Tier, Weight]
    pools: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]]
    """Words that the texts fill in, by their name in braces."""
    after_case: Annotated[tuple[str, ...], Field(min_length=1)]
    """How the assistant goes on once a case is solved."""
    again: Annotated[tuple[Again, ...], Field(min_length=1)]
    incidents: tuple[Incident, ...] = ()
    episodes: Annotated[tuple[Story, ...], Field(min_length=1)]

    def story(self, key: str) -> Story:
        """The story of a key. Raises ``StopIteration`` where there is none; ``load_past`` has looked."""
        return next(story for story in self.episodes if story.key == key)


def load_past(data_dir: Path, policy: EscalationPolicy) -> Past:
    """Read ``demo/history.yml`` and check it against the policy. Raises :class:`PastError`."""
    path = data_dir / "demo" / "history.yml"
    try:
        past = Past.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise PastError(f"{path} cannot be read: {error.strerror}") from error
    except YAMLError as error:
        raise PastError(f"{path}: {error}") from error
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise PastError(f"{path}:\n" + "\n".join(lines)) from error
    mistakes = list(_mistakes(past, policy))
    if mistakes:
        raise PastError(f"{path}:\n" + "\n".join(mistakes))
    return past


def _mistakes(past: Past, policy: EscalationPolicy) -> Iterator[str]:
    causes = {cause for group in policy.root_causes.values() for cause in group.causes}
    fillable = FILLED | past.pools.keys()
    keys = [story.key for story in past.episodes]
    yield from (f"{key}: there are two stories of this key" for key in set(keys) if keys.count(key) > 1)
    for story in past.episodes:
        if not policy.is_known(story.topic):
            yield f"{story.key}: no category of escalation.yml has the topic {story.topic!r}"
        if story.ending is not None and story.ending.disposition not in policy.dispositions:
            yield f"{story.key}: escalation.yml has no disposition {story.ending.disposition!r}"
        if story.ending is not None and story.ending.root_cause not in causes:
            yield f"{story.key}: escalation.yml has no root cause {story.ending.root_cause!r}"
        for text in story.texts():
            unknown = _in_braces(text) - fillable
            if unknown:
                yield f"{story.key}: nothing fills in {', '.join(sorted(unknown))}; add it to `pools`"
    for incident in past.incidents:
        if incident.story not in keys:
            yield f"incidents: there is no story {incident.story!r}"


def _in_braces(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}

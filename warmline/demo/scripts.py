"""What the demo's live customers and agents say, from ``data/demo/live.yml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from handoff.contract import Category, Tier
from warmline.errors import CommandError, ExitCode
from warmline.policy import EscalationPolicy

Line = Annotated[str, Field(min_length=1, max_length=4000)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rates(_Closed):
    """What the customer says once their case is solved."""

    csat: Annotated[int, Field(ge=1, le=5)]
    nps: Annotated[int, Field(ge=0, le=10)] | None = None
    comment: Line | None = None


class LiveCustomer(_Closed):
    """A customer, and what they write: ``says`` to the assistant, ``to_agents`` to people, each answered in turn."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,32}$")]
    name: Line
    mood: Literal["calm", "tense", "furious", "third_contact", "grateful", "hurried"]
    language: Annotated[str, Field(max_length=16)] = "en-GB"
    tier: Tier | None = None
    """The website vouches for them, with this standing; None is a visitor."""
    says: Annotated[tuple[Line, ...], Field(min_length=1)]
    asks_for_a_person: bool = False
    """Presses "Talk to a person" when all is said and the assistant still owns."""
    to_agents: tuple[Line, ...] = ()
    rates: Rates | None = None


class Wrap(_Closed):
    """How a case is closed."""

    disposition: str
    root_cause: str
    outcome: Annotated[str, Field(max_length=1000)]


class LiveAgent(_Closed):
    """A member of staff of ``people.yml`` and how they work: each of ``says`` is one word to the customer."""

    id: str
    says: Annotated[tuple[Line, ...], Field(min_length=2)]
    note: Line
    plan: Line
    ends: Annotated[tuple[Wrap, ...], Field(min_length=1)]
    moves_one_in: Annotated[int, Field(ge=0)] = 0
    """Every so manieth case goes to another queue instead; 0 for none."""
    moves_to: Category | None = None

    @model_validator(mode="after")
    def _knows_where_to(self) -> Self:
        if self.moves_one_in and self.moves_to is None:
            raise ValueError(f"{self.id}: moves_one_in needs `moves_to`, the queue that it goes to")
        return self


class Live(_Closed):
    """The whole file."""

    customers: Annotated[tuple[LiveCustomer, ...], Field(min_length=1)]
    agents: tuple[LiveAgent, ...]


def load_live(data_dir: Path, policy: EscalationPolicy, staff: frozenset[str]) -> Live:
    """Read ``demo/live.yml`` and check it against policy and staff. Raises :class:`CommandError`."""
    path = data_dir / "demo" / "live.yml"
    try:
        live = Live.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except (YAMLError, ValidationError) as error:
        raise CommandError(f"{path}: {error}", "mend the file", ExitCode.USAGE) from error
    causes = {cause for group in policy.root_causes.values() for cause in group.causes}
    for agent in live.agents:
        wrong = [
            f"disposition {wrap.disposition!r}" for wrap in agent.ends if wrap.disposition not in policy.dispositions
        ]
        wrong += [f"root cause {wrap.root_cause!r}" for wrap in agent.ends if wrap.root_cause not in causes]
        if wrong or agent.id not in staff:
            what = f"escalation.yml has no {wrong[0]}" if wrong else "nobody in people.yml has this id"
            raise CommandError(f"{path}: agent {agent.id}: {what}", "mend the file", ExitCode.USAGE)
    return live

"""Who is given which case: presence, capacity and skills, and how cases are offered (P16)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import Field

from warmline.policy.base import Count, Duration, PolicyModel, Severity, Text

NextBest = Literal["level_below", "lead"]


class PresencePolicy(PolicyModel):
    """When an agent counts as offline, and when their customers go to somebody else."""

    offline_after: Annotated[Duration, Field(ge=timedelta(seconds=45))] = timedelta(seconds=60)
    """Without a sign of the desk for so long. Desks are heard of every 20 seconds."""
    owner_offline_after: Annotated[Duration, Field(ge=timedelta(minutes=1))] = timedelta(minutes=10)


class OffersPolicy(PolicyModel):
    """How cases are offered; with ``tries: 0`` agents only take them by themselves."""

    stands_for: Annotated[Duration, Field(ge=timedelta(seconds=10))] = timedelta(seconds=45)
    reserved_for: Annotated[Duration, Field(ge=timedelta(seconds=10))] = timedelta(minutes=5)
    """How long one stands that a colleague made to a named agent."""
    tries: Annotated[int, Field(ge=0)] = 3
    """So many offers of a case may come to nothing; then it waits to be taken."""
    pause: Duration = timedelta(minutes=10)
    """How long a case is not offered again to who declined it or let it expire."""
    away_after_expired: Count = 2
    """So many expired in a row, and the agent is away."""


class SkillPolicy(PolicyModel):
    """A skill, and the topics that need it (``*`` stands for anything)."""

    label: Text
    topics: Annotated[tuple[Text, ...], Field(min_length=1)]


class AssignmentPolicy(PolicyModel):
    """What a case takes of an agent, and what is done when nobody can take it."""

    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    """What everybody speaks of whom no languages are stated (BCP 47)."""
    weight_by_severity: dict[Severity, Count] = Field(default_factory=lambda: {1: 3, 2: 2, 3: 1, 4: 1})
    weight_by_category: dict[str, Count] = Field(default_factory=dict)
    """At least so many units, whatever the severity."""
    skills: dict[str, SkillPolicy] = Field(default_factory=dict)
    nobody_after: Duration = timedelta(minutes=2)
    """A case that so long finds nobody goes to the next best; the leads and the customer are told."""
    next_best: tuple[NextBest, ...] = ("lead",)
    alert_every: Duration = timedelta(minutes=30)
    """The leads of a queue are told again only after so long."""

    def weight(self, category: str, severity: int) -> int:
        """Return how many units of an agent's capacity a case takes."""
        return max(self.weight_by_severity.get(severity, 1), self.weight_by_category.get(category, 1))

    def skills_for(self, topic: str | None) -> tuple[str, ...]:
        """Return the skills that a topic needs, in the order of the policy."""
        if topic is None:
            return ()
        return tuple(
            name for name, skill in self.skills.items() if any(fnmatchcase(topic, pattern) for pattern in skill.topics)
        )

    def unknown_categories(self, known: set[str]) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield where a category is named that does not exist, and how to mend it."""
        for key in self.weight_by_category:
            if key not in known:
                yield (
                    ("assignment", "weight_by_category", key),
                    f"there is no category {key!r}; choose one that is listed above",
                )

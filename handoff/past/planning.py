"""Who writes when: conversations come and go with the hour and the weekday, some customers come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from handoff.contract import Tier
from handoff.demo import DemoCustomer
from handoff.past.living import ID_PREFIX
from handoff.past.stories import Incident, Past, Story
from handoff.services.conversations import Identity

WEEKDAYS: Final = (1.25, 1.1, 1.0, 1.0, 0.95, 0.6, 0.35)
"""Monday to Sunday; the same shape as that of the simulated queue of ``benchmarks/queue``."""
GROWTH: Final = 0.4
GROWTH_DAYS: Final = 60.0
"""A shop that grows: so many days ago there was so much less to do than at the end."""
COMES_BACK: Final = 0.16
SAME_AGAIN: Final = 0.5
"""So many of those who come back do so with the same trouble."""
REST: Final = timedelta(days=4)
"""Nobody writes again sooner: what they wrote before is over by then."""
SILENT_BEFORE: Final = timedelta(days=7)
"""A case that waits in vain takes so long, with a weekend in it, until it closes by itself."""
QUICK_BEFORE: Final = timedelta(days=2)
QUICK_MINUTES: Final = 90.0
"""Only stories that are over within a day are begun in the last two."""
SHOP_CUSTOMERS_BEFORE: Final = timedelta(days=10)
"""Whom one can be in the demo shop has written before, but not so lately that it counts as a repeated contact."""
SHOP_CUSTOMERS: Final = 0.03


@dataclass(frozen=True)
class Planned:
    """One conversation to be had."""

    at: datetime
    story: Story
    identity: Identity
    words: dict[str, str]
    incident: Incident | None = None


@dataclass
class _Known:
    identity: Identity
    last: datetime
    story: Story


class Planner:
    """Plans the days up to ``until``; the same chance plans the same."""

    def __init__(self, past: Past, shop_customers: tuple[DemoCustomer, ...], random: Random, until: datetime) -> None:
        self._past = past
        self._shop = [Identity(c.id, c.name, c.email, c.tier) for c in shop_customers]
        self._random = random
        self._until = until
        self._known: list[_Known] = []
        self._names: set[str] = set()

    def plan(self, days: int, conversations_a_day: float) -> tuple[Planned, ...]:
        """Everything that is to happen, in order."""
        first = (self._until - timedelta(days=days)).date()
        found: list[Planned] = []
        for place in range(days + 1):
            day = first + timedelta(days=place)
            usual = conversations_a_day * (1 - GROWTH * min(1.0, (days - place) / GROWTH_DAYS))
            moments = [*self._moments(day, usual * WEEKDAYS[day.weekday()])]
            bursts = [(at, one) for one in self._past.incidents for at in self._burst(one, day)]
            for at, incident in sorted([*((at, None) for at in moments), *bursts], key=lambda one: one[0]):
                if first < at.date() and at < self._until:
                    found.append(self._conversation(at, incident))
        return tuple(found)

    def _moments(self, day: date, mean: float) -> list[datetime]:
        many = max(1, round(self._random.gauss(mean, mean**0.5)))
        hours = [min(21.5, max(7.2, self._random.gauss(13.2, 3.0))) for _ in range(many)]
        return [datetime.combine(day, time(), UTC) + timedelta(hours=hour) for hour in hours]

    def _burst(self, incident: Incident, day: date) -> list[datetime]:
        """An incident's day is the working day on or before it: at a weekend nobody is there to tell of it."""
        on = self._until.date() - timedelta(days=incident.days_ago)
        on -= timedelta(days=max(0, on.weekday() - 4))
        if day != on:
            return []
        begins = datetime.combine(day, time(incident.hour), UTC)
        return [begins + timedelta(minutes=self._random.uniform(0, 70)) for _ in range(incident.customers)]

    def _conversation(self, at: datetime, incident: Incident | None) -> Planned:
        before = self._somebody_known(at) if incident is None else None
        if incident is not None:
            story = self._past.story(incident.story)
        elif before is not None and before.story.handoff is not None and self._random.random() < SAME_AGAIN:
            story = before.story
        else:
            story = self._story(at)
        if not self._fits(story, at):
            story = self._story(at)
        identity = before.identity if before is not None else self._somebody_new()
        self._known = [one for one in self._known if one.identity != identity]
        self._known.append(_Known(identity, at, story))
        return Planned(at, story, identity, self._words(identity), incident)

    def _story(self, at: datetime) -> Story:
        rare = {incident.story for incident in self._past.incidents}
        fitting = [story for story in self._past.episodes if self._fits(story, at) and story.key not in rare]
        return self._random.choices(fitting, [story.weight for story in fitting])[0]

    def _fits(self, story: Story, at: datetime) -> bool:
        if story.is_silent:
            return at < self._until - SILENT_BEFORE
        return at < self._until - QUICK_BEFORE or story.minutes <= QUICK_MINUTES

    def _somebody_known(self, at: datetime) -> _Known | None:
        if self._random.random() < SHOP_CUSTOMERS and at < self._until - SHOP_CUSTOMERS_BEFORE and self._shop:
            identity = self._random.choice(self._shop)
            last = next((one for one in self._known if one.identity == identity), None)
            if last is None or at - last.last > REST + SILENT_BEFORE:
                return _Known(identity, at, last.story if last is not None else self._story(at))
        shop = set(self._shop)
        rested = [
            one
            for one in self._known
            if at - one.last > (REST + SILENT_BEFORE if one.story.is_silent else REST) and one.identity not in shop
        ]
        return self._random.choice(rested[-40:]) if rested and self._random.random() < COMES_BACK else None

    def _somebody_new(self) -> Identity:
        while (name := f"{self._one(self._past.first_names)} {self._one(self._past.last_names)}") in self._names:
            continue
        self._names.add(name)
        number = len(self._names)
        address = f"{name.lower().replace(' ', '.').replace(chr(39), '')}@mail.example"
        tiers = list(self._past.tiers)
        tier: Tier = self._random.choices(tiers, [self._past.tiers[one] for one in tiers])[0]
        return Identity(f"{ID_PREFIX}{number:04d}", name, address, tier)

    def _one(self, among: tuple[str, ...]) -> str:
        return self._random.choice(among)

    def _words(self, identity: Identity) -> dict[str, str]:
        number = self._random.randrange(20_100, 29_900)
        made = {
            "first": (identity.name or "").split(" ")[0],
            "order": f"LH-{number}",
            "tracking": f"PP{number}7GB",
            "invoice": f"INV-{number + 31_000}",
        }
        return made | {name: self._one(words) for name, words in self._past.pools.items()}

"""Serves a day of customers in one order: a discrete-event simulation, pure and exact.

An agent has one case at a time and takes the first of the queue as soon as they are ready. A customer who gives up
leaves the queue at that moment. Nothing here is drawn: the same day in the same order always ends the same.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.queue.days import Arrival, Day

Place = tuple[float, ...]
Order = Callable[[Arrival], Place]
"""Where a case stands in the queue, the smallest first; the number of the arrival decides among equals."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one customer's wait ended. ``overtaken_by`` is how much later one came who was served before them."""

    arrival: Arrival
    position: int
    """The place in the queue at the coming, 1 for next."""
    ended_at: datetime
    served: bool
    overtaken_by: timedelta

    @property
    def waited(self) -> timedelta:
        """Until an agent took the case, or until the customer gave up."""
        return self.ended_at - self.arrival.came_at


def serve(day: Day, order: Order) -> tuple[Ended, ...]:
    """Everybody of the day, in the order of their coming."""
    return tuple(sorted(_Floor(day, order).run(), key=lambda ended: ended.arrival.number))


class _Floor:
    """The queue and the agents while the day runs."""

    def __init__(self, day: Day, order: Order) -> None:
        self._day = day
        self._place = {arrival.number: (*order(arrival), arrival.number) for arrival in day.arrivals}
        self._waiting: dict[int, Arrival] = {}
        self._positions: dict[int, int] = {}
        self._overtaken: dict[int, timedelta] = {}
        self._ready: list[tuple[datetime, int]] = []
        self._idle: deque[int] = deque()

    def run(self) -> Iterator[Ended]:
        for number in range(len(self._day.workers)):
            self._comes_back(number, datetime.min.replace(tzinfo=self._day.arrivals[0].came_at.tzinfo))
        coming = deque(self._day.arrivals)
        while coming or self._waiting:
            if coming and (not self._ready or coming[0].came_at <= self._ready[0][0]):
                arrival = coming.popleft()
                now = arrival.came_at
                yield from self._gone(now)
                self._waiting[arrival.number] = arrival
                place = self._place[arrival.number]
                self._positions[arrival.number] = sum(self._place[other] <= place for other in self._waiting)
                self._overtaken[arrival.number] = timedelta()
            else:
                now, worker = heapq.heappop(self._ready)
                self._idle.append(worker)
                yield from self._gone(now)
            while self._waiting and self._idle:
                worker = self._idle.popleft()
                if self._day.workers[worker].next_ready(now) != now:
                    self._comes_back(worker, now)
                    continue
                taken = self._waiting.pop(min(self._waiting, key=self._place.__getitem__))
                for other in self._waiting.values():
                    later = taken.came_at - other.came_at
                    self._overtaken[other.number] = max(self._overtaken[other.number], later)
                self._comes_back(worker, now + taken.handling)
                yield self._ended(taken, now, served=True)

    def _comes_back(self, worker: int, at: datetime) -> None:
        ready = self._day.workers[worker].next_ready(at)
        if ready is not None:
            heapq.heappush(self._ready, (ready, worker))

    def _gone(self, now: datetime) -> Iterator[Ended]:
        for arrival in [one for one in self._waiting.values() if one.leaves_at <= now]:
            del self._waiting[arrival.number]
            yield self._ended(arrival, arrival.leaves_at, served=False)

    def _ended(self, arrival: Arrival, at: datetime, *, served: bool) -> Ended:
        number = arrival.number
        return Ended(arrival, self._positions[number], at, served, self._overtaken[number])

"""A customer's turn: many conversations at once, and early and late in one conversation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from benchmarks.contestants import Contestant, cpu_seconds
from benchmarks.dialogue import Dialogue
from benchmarks.figures import Load
from benchmarks.talkers import LeftTheBot, Talker

TURNS_IN_A_CONVERSATION: Final = 10
"""Of the short conversations that are held at once."""
TRIES: Final = 3
"""How many conversations are begun for one that reaches its depth."""
WINDOW: Final = 5
"""Turns measured around a place in a conversation; the place is in the middle."""

Told = Callable[[int], None]
"""Is told how many turns were said since."""


@dataclass
class Sample:
    """What was seen while a number of turns was said."""

    seconds: list[float] = field(default_factory=list)
    as_meant: int = 0
    """How many turns got the answer that belongs to them."""
    left: list[str] = field(default_factory=list)
    """What was said last in conversations that the assistant handed over before they were through."""
    load: Load | None = None

    def add(self, other: Sample) -> None:
        """Take in what was seen in another block of the same kind."""
        self.seconds += other.seconds
        self.as_meant += other.as_meant
        self.left += other.left
        if other.load is not None:
            self.load = other.load if self.load is None else self.load.plus(other.load)


class Speakers:
    """Gives every conversation its own stretch of the dialogue; both systems get the same ones in the same order."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._next = 0

    def next_stretch(self, count: int) -> int:
        """Where the next ``count`` things to say begin, which nobody has said yet."""
        start = self._next
        self._next += count
        return start

    async def talk(
        self, talker: Talker, start: int, count: int, sample: Sample, told: Told, *, variation: int = 0
    ) -> None:
        """Say ``count`` things from ``start`` on, each after the answer to the one before, and time every one."""
        for utterance in self._dialogue.stretch(start, count, variation=variation):
            begun = time.perf_counter()
            try:
                answer = await talker.say(utterance.text)
            except LeftTheBot:
                sample.left.append(utterance.text)
                return
            sample.seconds.append(time.perf_counter() - begun)
            sample.as_meant += answer.strip() in utterance.answers
            told(1)


async def at_once(
    contestant: Contestant,
    session: aiohttp.ClientSession,
    speakers: Speakers,
    *,
    conversations: int,
    rounds: int,
    told: Told,
) -> Sample:
    """``rounds`` times as many short conversations at once; beginning them is not part of the measurement."""
    total = Sample()
    for _ in range(rounds):
        talkers = [await contestant.begin(session) for _ in range(conversations)]
        starts = [speakers.next_stretch(TURNS_IN_A_CONVERSATION) for _ in talkers]
        sample = Sample()
        processes = contestant.processes()
        cpu, own, begun = cpu_seconds(processes), time.process_time(), time.perf_counter()
        await asyncio.gather(
            *(
                speakers.talk(talker, start, TURNS_IN_A_CONVERSATION, sample, told)
                for talker, start in zip(talkers, starts, strict=True)
            )
        )
        wall = time.perf_counter() - begun
        after = cpu_seconds(processes)
        sample.load = Load(
            turns=len(sample.seconds),
            seconds=wall,
            client_cpu_seconds=time.process_time() - own,
            server_cpu_seconds={name: after[name] - cpu[name] for name in after},
        )
        total.add(sample)
        for talker in talkers:
            await talker.leave()
    return total


async def _brought_to(
    contestant: Contestant, session: aiohttp.ClientSession, speakers: Speakers, turns: int, told: Told
) -> Talker:
    """A customer who has had so many turns. Raises ``LeftTheBot`` when the assistant hands every one over before."""
    for _ in range(TRIES):
        talker, filling = await contestant.begin(session), Sample()
        await speakers.talk(talker, speakers.next_stretch(turns), turns, filling, told)
        if not filling.left:
            return talker
        await talker.leave()
    raise LeftTheBot(f"{TRIES} conversations were handed over before turn {turns}")


async def at_depth(
    contestant: Contestant,
    session: aiohttp.ClientSession,
    speakers: Speakers,
    *,
    depths: Sequence[int],
    told: Told,
) -> dict[int, Sample]:
    """One conversation for each depth, brought almost there, then all measured in turns with the same questions.

    What the machine does meanwhile so hits every depth alike, and no sentence is easier at one than at another.
    """
    window = speakers.next_stretch(WINDOW)
    talkers: dict[int, Talker] = {}
    samples = {depth: Sample() for depth in depths}
    for depth in sorted(depths, reverse=True):
        talkers[depth] = await _brought_to(contestant, session, speakers, depth - WINDOW // 2 - 1, told)
    for step in range(WINDOW):
        for place in range(len(depths)):
            depth = depths[(place + step) % len(depths)]
            if samples[depth].left:
                continue
            # The words differ a little, and each time another depth gets the longer ones.
            await speakers.talk(talkers[depth], window + step, 1, samples[depth], told, variation=-1 - place)
    for talker in talkers.values():
        await talker.leave()
    return samples

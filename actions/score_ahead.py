"""Scoring beside the event loop, and ahead: a text's score is made while Rasa still understands the text."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from actions.brain import Felt, FrustrationModelPort
from models.frustration.reading import Said

KEPT: Final = 64
"""How many scores made ahead are remembered; most are asked for within milliseconds."""

Turn = tuple[str, tuple[Said, ...]]


class ScoringAhead:
    """A frustration model behind a thread that scores one turn at a time; the numbers are the model's own.

    Measured on two cores, with calls that score and have 1.6 ms of other work each. With one conversation the thread
    costs 1 to 2 ms a call (9 to 10 ms in the place of 7 to 9). With 32 that pause between their turns, the others wait
    for the event loop 1.4 ms instead of 23 to 32 (95th percentile), and a call takes 17 to 19 ms with its queueing;
    with 32 that do not pause, as many turns a second are scored either way. A second thread shortens the queue, but
    Rasa needs the other core.
    """

    def __init__(self, model: FrustrationModelPort) -> None:
        self._model = model
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scoring")
        self._begun: OrderedDict[Turn, asyncio.Future[Felt]] = OrderedDict()

    @property
    def scored_by(self) -> str:
        """See :class:`actions.brain.FrustrationPort`."""
        return self._model.scored_by

    def begin(self, text: str, before: Sequence[Said]) -> None:
        """Score a turn that will probably be asked for; returns at once. What fails is not remembered."""
        turn = (text, tuple(before))
        if turn not in self._begun:
            self._begun[turn] = self._in_thread(turn)
            self._begun[turn].add_done_callback(lambda scored: self._forget_failed(turn, scored))
        self._begun.move_to_end(turn)
        while len(self._begun) > KEPT:
            self._begun.popitem(last=False)

    async def score(self, text: str, before: Sequence[Said] = ()) -> Felt:
        """Return how ``text`` reads after ``before``: what was made ahead, or is being made, and else made now."""
        turn = (text, tuple(before))
        # Shielded: whoever asks may be cut off, and another conversation wait for the same.
        return await asyncio.shield(self._begun.get(turn) or self._in_thread(turn))

    def close(self) -> None:
        """Wait for the score that is being made."""
        self._thread.shutdown(cancel_futures=True)

    def _in_thread(self, turn: Turn) -> asyncio.Future[Felt]:
        return asyncio.get_running_loop().run_in_executor(self._thread, self._model.score, *turn)

    def _forget_failed(self, turn: Turn, scored: asyncio.Future[Felt]) -> None:
        if scored.cancelled() or scored.exception() is not None:
            self._begun.pop(turn, None)

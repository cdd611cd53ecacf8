"""The FAQ answers nearest to a case's problem (P21): found by meaning, in their wording of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile

from handoff.domain.people import Agent
from handoff.faq import FaqEntry, LiveFaq
from handoff.services.case_writing import visible_case
from handoff.services.context import Context
from handoff.services.meaning import Reading
from handoff.services.similar_cases import text_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ANSWERS_SHOWN: Final = 3
ANSWER_FROM: Final = 0.41
"""The mean cosine to its two nearest questions from which an answer is shown. Measured on questions that were left out
(docs/benchmarks.md): the right one is among the three in 84 of 100."""
NEAREST_QUESTIONS: Final = 2
SAVED: Final = "faq_meanings.npz"


@dataclass(frozen=True, slots=True)
class NearAnswer:
    """An FAQ entry near to a problem. ``given``: it is what the bot took the problem for."""

    topic: str
    question: str
    answer: str
    likeness: float
    given: bool


class FaqAnswers:
    """The FAQ by meaning, in the memory of this process; read when it is first asked for, and again when files change.

    The questions' vectors are kept in a file of the state folder: some thousands would take seconds at each start.
    """

    def __init__(self, faq: LiveFaq, saved_in: Path) -> None:
        self._faq = faq
        self._file = saved_in / SAVED
        self._entries: tuple[FaqEntry, ...] = ()
        self._vectors: dict[str, Any] = {}
        self._rows: npt.NDArray[np.float32] | None = None
        self._entry_of_row: npt.NDArray[np.intp] | None = None
        self._reading: Reading[None] = Reading("The FAQ answers")

    async def of(self, context: Context, case_id: str, agent: Agent) -> tuple[NearAnswer, ...]:
        """The answers nearest to the case's problem, best first. Raises ``NotFound`` or ``MeaningUnavailable``."""
        async with context.db.read() as db:
            case = await visible_case(db, case_id, agent)
            text = await text_of(db, case)
        await self._reading.result(partial(self._refresh, context))
        (vector,) = await context.meaning.encode([text])
        likeness = await context.meaning.compute(lambda: self._likeness(vector))
        given = next((place for place, entry in enumerate(self._entries) if entry.topic == case.topic), None)
        near = sorted(
            (place for place, value in enumerate(likeness) if value >= ANSWER_FROM or place == given),
            key=lambda place: (place != given, -likeness[place]),
        )
        return tuple(
            NearAnswer(entry.topic, entry.title, entry.answer, float(likeness[place]), place == given)
            for place in near[:ANSWERS_SHOWN]
            for entry in (self._entries[place],)
        )

    async def close(self) -> None:
        """Stop what is still being read."""
        await self._reading.close()

    def _likeness(self, vector: npt.NDArray[np.float32]) -> list[float]:
        """Of each entry, the mean cosine of its nearest questions."""
        import numpy as np

        if self._rows is None or self._entry_of_row is None:
            return []
        cosines = self._rows @ vector
        means = []
        for place in range(len(self._entries)):
            nearest = np.sort(cosines[self._entry_of_row == place])[-NEAREST_QUESTIONS:]
            means.append(float(nearest.mean()))
        return means

    async def _refresh(self, context: Context) -> None:
        import numpy as np

        encoder = await context.meaning.fingerprint()
        entries = await context.meaning.compute(self._faq.now)
        if entries is self._entries:
            return
        if not self._vectors:
            self._vectors = await context.meaning.compute(lambda: self._load(encoder))
        questions = [question for entry in entries for question in entry.questions]
        missing = list(dict.fromkeys(q for q in questions if q not in self._vectors))
        if missing:
            rows = await context.meaning.encode(missing)
            self._vectors.update(zip(missing, rows, strict=True))
            self._vectors = {question: self._vectors[question] for question in questions}
            vectors = dict(self._vectors)
            await context.meaning.compute(lambda: self._save(encoder, vectors))
        self._rows = np.stack([self._vectors[q] for q in questions]) if questions else None
        places = [place for place, entry in enumerate(entries) for _ in entry.questions]
        self._entry_of_row = np.array(places, dtype=np.intp)
        self._entries = entries

    def _load(self, encoder: str) -> dict[str, Any]:
        """The vectors of the file; none where it is missing, damaged or of another encoder."""
        import numpy as np

        try:
            with np.load(self._file, allow_pickle=False) as saved:
                if str(saved["encoder"]) != encoder:
                    return {}
                return dict(zip(saved["questions"].tolist(), saved["rows"].astype(np.float32), strict=True))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return {}

    def _save(self, encoder: str, vectors: Mapping[str, Any]) -> None:
        import numpy as np

        rows = np.stack(list(vectors.values())).astype(np.float16)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new.npz")
        np.savez(fresh, encoder=np.array(encoder), questions=np.array(list(vectors)), rows=rows)
        fresh.replace(self._file)

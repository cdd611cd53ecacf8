"""How long an agent waits for similar closed cases, what memory they take, and how often what is shown is right.

    .venv/app/bin/python -m benchmarks.similar_cases [--closed 100000]

Closed cases are made of the shipped content: the problem of a topic and one of its example questions. Their vectors are
the encoder's own, drawn again with a little noise where there are more cases than examples.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert

from handoff.contract import Category
from handoff.domain.likeness import LIKE_FROM, SIMILAR_SHOWN, ClosedCase, meaning_text
from handoff.faq import LiveFaq
from handoff.services.faq_answers import ANSWER_FROM, ANSWERS_SHOWN, NEAREST_QUESTIONS
from handoff.services.meaning import Meaning, StillReading
from handoff.services.similar_cases import SimilarCases
from handoff.services.vector_window import stored
from handoff.store.database import Database
from handoff.store.migrate import upgrade
from handoff.store.schema import case_meanings, cases, conversations, customers
from handoff.wording import load_wording
from models.encoder.encode import DEFAULT_DIRECTORY
from tests.handoff.cast import BEN, Clock, House, move_in
from warmline.paths import PROJECT_ROOT
from warmline.policy import load_policy

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ASKED = 200
LEFT_OUT = 5
"""Of each FAQ entry, the last so many questions are asked, the others known."""
NOISE = 0.01
"""Standard deviation added to each of 384 numbers: two phrasings of one text differ by about as much."""


def texts_of(examples: int, seed: int) -> list[tuple[str, Category, str]]:
    """Topic, category and compared text of ``examples`` cases for every FAQ entry."""
    policy, wording = load_policy(PROJECT_ROOT / "data" / "escalation.yml"), load_wording(PROJECT_ROOT / "data/wording")
    chance = random.Random(seed)
    found = []
    for entry in LiveFaq(PROJECT_ROOT / "data", time.monotonic).now():
        category = Category(policy.category_of(entry.topic))
        problem = wording.problem(entry.topic, {}, category)
        for question in chance.sample(entry.questions, min(examples, len(entry.questions))):
            found.append((entry.topic, category, meaning_text(problem, [question])))
    return found


def precision(made: list[tuple[str, Category, str]], rows: Any) -> dict[str, float]:
    """Of the cases shown for each third case, how many are of its topic; how often anything is shown."""
    topics = np.array([topic for topic, _, _ in made])
    own = np.array([str(category) for _, category, _ in made])
    likeness = rows @ rows.T
    np.fill_diagonal(likeness, -1.0)
    right = shown = any_shown = 0
    places = range(0, len(made), 3)
    for place in places:
        ranked = np.argsort(-(likeness[place] + 2.0 * (own == own[place])))[:SIMILAR_SHOWN]
        ranked = ranked[likeness[place][ranked] >= LIKE_FROM]
        right += int((topics[ranked] == topics[place]).sum())
        shown += len(ranked)
        any_shown += bool(len(ranked))
    other = likeness[own[:, None] != own[None]]
    apart = round(float(np.percentile(other, 99)), 3) if other.size else 0.0
    return {
        "same topic among those shown": round(right / shown, 3),
        "cases with something to show": round(any_shown / len(places), 3),
        "99th percentile of another category's likeness": apart,
    }


async def answers(meaning: Meaning) -> dict[str, float]:
    """How often the right FAQ answer is among those shown, for questions that were left out."""
    entries = LiveFaq(PROJECT_ROOT / "data", time.monotonic).now()
    known = [(place, question) for place, entry in enumerate(entries) for question in entry.questions[:-LEFT_OUT]]
    asked = [(place, question) for place, entry in enumerate(entries) for question in entry.questions[-LEFT_OUT:]]
    rows = await meaning.encode([question for _, question in known])
    owner = np.array([place for place, _ in known])
    vectors = await meaning.encode([question for _, question in asked])
    first = among = 0
    for (right, _), vector in zip(asked, vectors, strict=True):
        cosines = rows @ vector
        means = [np.sort(cosines[owner == place])[-NEAREST_QUESTIONS:].mean() for place in range(len(entries))]
        ranked = [place for place in np.argsort(means)[::-1][:ANSWERS_SHOWN] if means[place] >= ANSWER_FROM]
        first += ranked[:1] == [right]
        among += right in ranked
    return {
        "questions left out": len(asked),
        "right answer first": round(first / len(asked), 3),
        "right answer among those shown": round(among / len(asked), 3),
    }


async def fill(house: House, made: list[tuple[str, Category, str]], rows: Any, closed: int, encoder: str) -> None:
    """So many closed cases with their vectors, in one go."""
    chance = np.random.default_rng(7)
    conversation = await house.begin()
    case_id = await house.hand_over(conversation)
    async with house.db.read() as db:
        pattern = dict((await db.execute(cases.select().where(cases.c.id == case_id))).one()._mapping)
        customer = dict((await db.execute(customers.select())).first()._mapping)
        talk = dict((await db.execute(conversations.select())).first()._mapping)
    async with house.db.write() as db:
        others = {**customer, "id": "others", "external_id": "C-9999"}
        await db.execute(insert(customers).values(others))
        await db.execute(
            insert(conversations).values({**talk, "id": "others", "customer_id": "others", "status": "closed"})
        )
    for start in range(0, closed, 5000):
        lot = range(start, min(start + 5000, closed))
        picked = [number % len(made) for number in lot]
        noisy = rows[picked] + chance.standard_normal((len(picked), rows.shape[1])).astype(np.float32) * NOISE
        vectors = stored(noisy / np.linalg.norm(noisy, axis=1, keepdims=True))
        moments = [NOW - timedelta(minutes=10 * (closed - number)) for number in lot]
        values = [
            {
                **pattern,
                "id": f"c{number}",
                "number": 10_000 + number,
                "idempotency_key": f"k{number}",
                "status": "closed",
                "conversation_id": "others",
                "customer_id": "others",
                "category": made[place][1],
                "problem": made[place][2][:200],
                "outcome": "Sent again",
                "disposition": "solved",
                "root_cause": "carrier_late",
                "resolved_at": moment,
            }
            for number, place, moment in zip(lot, picked, moments, strict=True)
        ]
        known = [
            {"case_id": f"c{number}", "closed_at": moment, "encoder": encoder, "vector": vector, "encoded_at": moment}
            for number, moment, vector in zip(lot, moments, vectors, strict=True)
        ]
        async with house.db.write() as db:
            await db.execute(insert(cases), values)
            await db.execute(insert(case_meanings), known)


async def once_read(similar: SimilarCases, house: House, case_id: str) -> tuple[ClosedCase, ...]:
    """The first answer, asked for until the closed cases are read."""
    while True:
        try:
            return await similar.of(house.context, case_id, BEN)
        except StillReading:
            continue


async def measure(closed: int) -> dict[str, Any]:
    """Everything, on SQLite in a folder that is dropped afterwards."""
    meaning = Meaning.of_files(DEFAULT_DIRECTORY)
    made = texts_of(8, seed=1)
    rows = await meaning.encode([text for _, _, text in made])
    told: dict[str, Any] = {"closed cases": closed, **precision(made, rows), **await answers(meaning)}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        await upgrade(url)
        db = Database.connect(url)
        house = await move_in(db, Clock(NOW))
        object.__setattr__(house.context, "meaning", meaning)
        await fill(house, made, rows, closed, await meaning.fingerprint())
        async with db.read() as connection:
            case_id = (await connection.execute(cases.select().where(cases.c.status == "open"))).one().id
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        similar = SimilarCases()
        began = time.perf_counter()
        first = await once_read(similar, house, case_id)
        told["until the first answer, ms"] = round((time.perf_counter() - began) * 1000)
        spans = []
        chance = random.Random(3)
        for _ in range(ASKED):
            _, _, text = chance.choice(made)
            async with db.write() as connection:
                values = {"problem": text[:200], "category": Category.ORDERS_DELIVERY}
                await connection.execute(cases.update().where(cases.c.id == case_id).values(values))
            began = time.perf_counter()
            await similar.of(house.context, case_id, BEN)
            spans.append((time.perf_counter() - began) * 1000)
        spans.sort()
        told["question, median ms"] = round(statistics.median(spans), 1)
        told["question, 95th percentile ms"] = round(spans[int(len(spans) * 0.95)], 1)
        told["more memory at its highest, MB"] = round(
            (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        )
        told["found by the first"] = len(first)
        await similar.close()
        await db.close()
    meaning.close()
    return told


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--closed", type=int, default=100_000)
    for name, value in asyncio.run(measure(parser.parse_args().closed)).items():
        print(f"{name}: {json.dumps(value)}")


if __name__ == "__main__":
    main()

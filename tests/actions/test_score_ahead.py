"""A text is scored while Rasa understands it: the same numbers, made once, and nothing is held up meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
import structlog
from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk.executor import ActionExecutor

from actions.brain import Brain
from actions.said import said_before
from actions.score_ahead import KEPT, ScoringAhead
from actions.server import create_app
from models.frustration.reading import Said
from models.frustration.score import FrustrationModel
from tests.actions.escalation_cast import Felt, Rasa

ASKED = (Said("customer", "where is it"), Said("bot", "On its way."))
EVENTS = [{"event": "user", "text": "where is it"}, {"event": "bot", "text": "On its way."}]


class SlowModel:
    """Scores when it is let; notes what it scored, after what, and in which thread."""

    scored_by = "model"

    def __init__(self) -> None:
        self.scored: list[tuple[str, tuple[Said, ...]]] = []
        self.threads: set[int] = set()
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.fails = False

    def score(self, text: str, before: Sequence[Said] = ()) -> Felt:
        self.scored.append((text, tuple(before)))
        self.threads.add(threading.get_ident())
        assert self.goes_on.wait(10)
        if self.fails:
            raise RuntimeError("no")
        return Felt(len(text) / 100)


@pytest.fixture
def model() -> SlowModel:
    return SlowModel()


@pytest.fixture
def ahead(model: SlowModel) -> Iterator[ScoringAhead]:
    ahead = ScoringAhead(model)
    yield ahead
    model.goes_on.set()
    ahead.close()


async def test_a_score_made_ahead_is_not_made_again(ahead: ScoringAhead, model: SlowModel) -> None:
    ahead.begin("still nothing", ASKED)
    assert (await ahead.score("still nothing", list(ASKED))).score == 0.13
    assert model.scored == [("still nothing", ASKED)]


async def test_whoever_asks_too_early_waits_for_the_score_and_holds_nobody_up(
    ahead: ScoringAhead, model: SlowModel
) -> None:
    model.goes_on.clear()
    ahead.begin("still nothing", ASKED)
    asking = [asyncio.create_task(ahead.score("still nothing", ASKED)) for _ in range(2)]
    await asyncio.sleep(0.02)
    assert not any(task.done() for task in asking)
    asking[0].cancel()
    model.goes_on.set()
    assert (await asking[1]).score == 0.13
    assert model.scored == [("still nothing", ASKED)]


@pytest.mark.parametrize(("text", "before"), [("still nothing!", ASKED), ("still nothing", ASKED[1:])])
async def test_another_text_or_context_has_a_score_of_its_own(
    ahead: ScoringAhead, model: SlowModel, text: str, before: tuple[Said, ...]
) -> None:
    ahead.begin("still nothing", ASKED)
    assert (await ahead.score(text, before)).score == len(text) / 100
    assert model.scored == [("still nothing", ASKED), (text, before)]


async def test_a_failure_ahead_is_not_remembered(ahead: ScoringAhead, model: SlowModel) -> None:
    model.fails = True
    ahead.begin("still nothing", ASKED)
    with pytest.raises(RuntimeError):
        await ahead.score("still nothing", ASKED)
    model.fails = False
    assert (await ahead.score("still nothing", ASKED)).score == 0.13


async def test_only_so_many_scores_are_remembered(ahead: ScoringAhead, model: SlowModel) -> None:
    for number in range(KEPT + 1):
        ahead.begin(f"text {number}", ())
    await ahead.score(f"text {KEPT}")
    await ahead.score("text 1")
    assert len(model.scored) == KEPT + 1
    await ahead.score("text 0")
    assert model.scored[KEPT + 1 :] == [("text 0", ())]


async def test_the_numbers_are_those_of_the_model() -> None:
    model = FrustrationModel.load()
    ahead = ScoringAhead(model)
    text = "I have asked three times and nobody answers, this is ridiculous"
    ahead.begin(text, ASKED)
    assert await ahead.score(text, ASKED) == model.score(text, ASKED)
    assert await ahead.score(text, ()) == model.score(text)
    ahead.close()


@pytest.fixture
async def stream(executor: ActionExecutor, ahead: ScoringAhead) -> AsyncIterator[ClientWebSocketResponse]:
    server = TestServer(create_app(executor, ahead=ahead))
    async with TestClient(server) as client, client.ws_connect("/stream") as socket:
        yield socket


async def test_a_frame_lets_a_text_be_scored_and_is_not_answered(
    stream: ClientWebSocketResponse, ahead: ScoringAhead, model: SlowModel
) -> None:
    with structlog.testing.capture_logs() as logs:
        await stream.send_json({"body": {"score": "still nothing", "events": EVENTS}})
        await stream.send_json({"number": 1, "body": {}})
        assert (await stream.receive_json(timeout=5))["number"] == 1
    assert logs == []
    await ahead.score("still nothing", said_before([*EVENTS, {"event": "user", "text": "still nothing"}]))
    assert model.scored == [("still nothing", ASKED)]


NO_TEXTS: tuple[Any, ...] = (
    None,
    "secret words",
    {},
    {"score": "secret words"},
    {"score": 7, "events": []},
    {"score": "secret words", "events": {}},
    {"score": "secret words", "events": ["secret words"]},
    {"score": "secret words", "events": [{"event": "bot"}]},
    {"score": "secret words", "events": [{"event": "bot", "text": 7}]},
    {"score": "secret words", "events": [], "more": 1},
)


@pytest.mark.parametrize("body", NO_TEXTS)
async def test_a_frame_of_another_shape_is_refused_and_repeats_no_words(
    stream: ClientWebSocketResponse, model: SlowModel, body: Any
) -> None:
    with structlog.testing.capture_logs() as logs:
        await stream.send_json({"body": body})
        answer = await stream.receive_json(timeout=5)
    assert (answer["number"], answer["status"]) == (None, 422)
    assert "the frame is no question" in answer["body"]["error"]
    assert (logs, model.scored) == ([], [])
    assert "secret" not in str(answer)


async def test_a_turn_takes_the_score_that_was_made_while_it_was_understood(
    rasa: Rasa, brain: Brain, ahead: ScoringAhead, model: SlowModel
) -> None:
    object.__setattr__(brain, "frustration", ahead)
    await rasa.hears("where is it", "order_status")
    rasa.events.append({"event": "bot", "text": "On its way.", "timestamp": 1.0})
    ahead.begin("still nothing", said_before([*EVENTS, {"event": "user", "text": "still nothing"}]))
    await rasa.hears("still nothing", "complain")
    assert rasa.record.frustration == 0.13
    assert model.scored[1:] == [("still nothing", ASKED)]


async def test_nothing_is_scored_in_the_event_loop(rasa: Rasa, brain: Brain, ahead: ScoringAhead) -> None:
    model = SlowModel()
    object.__setattr__(ahead, "_model", model)
    object.__setattr__(brain, "frustration", ahead)
    await rasa.hears("still nothing", "complain")
    assert model.threads
    assert threading.get_ident() not in model.threads

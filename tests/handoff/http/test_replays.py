"""Trying another policy on the past from the board: who may, what is refused, and a real replay in its own process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from handoff.delivery import replay_worker
from handoff.domain.replays import ReplayPeriod
from handoff.http import replays as schemas
from handoff.services.replays import KEPT, ReplayFailed
from tests.handoff.cast import ANA, GRACE, IMANI, OMAR, move_in, until
from tests.handoff.service import Desk, Service
from tests.handoff.test_replay_command import HERS, TRIED, tried, two_conversations
from warmline.paths import PROJECT_ROOT

__all__ = ["tried"]

DAYS = {"since": "2026-03-01", "until": "2026-03-31"}
PAGE = (PROJECT_ROOT / "docs" / "agent-api.md").read_text(encoding="utf-8")
SHIPPED = (PROJECT_ROOT / "data" / "escalation.yml").read_text(encoding="utf-8")
SLOW = """
import sys, time
sys.stdin.read()
print('{"done": 3}', flush=True)
time.sleep(60)
"""


def policy() -> str:
    """The shipped policy with another threshold."""
    return (Path(os.environ["WARMLINE_VAR"]) / TRIED).read_text(encoding="utf-8")


def worker_is(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.setattr(replay_worker, "WORKER", (sys.executable, "-c", source))


async def ended(desk: Desk, replay_id: str) -> Any:
    found: list[Any] = []

    async def is_over() -> bool:
        found.append((await desk.get(f"/replays/{replay_id}")).body)
        return found[-1]["replay"]["status"] != "running"

    await until(is_over, within=60)
    return found[-1]


async def test_another_policy_is_tried_on_the_past_and_says_which_conversations_change(
    service: Service, password_hash: str
) -> None:
    """P10: whether a policy hands over too much or too little is known before it is in force."""
    await two_conversations(await move_in(service.parts.context.db, service.clock, password_hash=password_hash))
    grace = await service.agent(GRACE)
    begun = await grace.post("/replays", {"policy": policy(), **DAYS})
    assert begun.status == 202, begun.body
    assert (begun.body["replay"]["status"], begun.body["replay"]["of"]) == ("running", 2)

    found = await ended(grace, begun.body["replay"]["id"])

    schemas.ReplayResultAnswer.model_validate(found)
    assert (found["replay"]["status"], found["replay"]["done"]) == ("done", 2), found
    result = found["result"]
    assert (result["changes"], result["handoffs"]) == (1, {"as_decided": 1, "other": 0, "not_known": 1})
    assert (result["judged"], result["false"]["as_decided"], max(h["capacity"] for h in result["hours"])) == (1, 1, 12)
    (change,) = result["changed"]
    assert change["record"]["number"] == "WL-1001"
    assert (change["before"]["action"], change["after"]["action"]) == ("none", "offer")
    (because,) = [one for one in change["differences"] if one["signal"] == "frustration"]
    assert (because["was"], because["is_now"]["value"], because["evidence"]) == (None, 0.95, ["joke"])
    assert "maya.lind" in HERS, "what a board shows is masked"
    assert "maya.lind" not in json.dumps(result)
    omar = await service.agent(OMAR)
    log = (await omar.get("/audit?action=replay.*")).body["entries"]
    assert [(one["actor_id"], one["action"]) for one in log] == [
        ("grace", "replay.read"),
        ("grace", "replay.begun"),
    ]
    assert log[1]["data"] == {"policy": result["policy"], **DAYS}


async def test_a_policy_with_mistakes_is_refused_with_each_line_and_its_mend(service: Service) -> None:
    grace = await service.agent(GRACE)
    broken = SHIPPED.replace("levels:", "levles:", 1)

    answer = await grace.post("/replays", {"policy": broken, **DAYS})

    assert (answer.status, answer.code) == (422, "policy_broken")
    problems = answer.body["error"]["data"]["problems"]
    line = broken.splitlines().index("levles:") + 1
    assert [one["where"] for one in problems if one["line"] == line and "check its spelling" in one["what"]] == [
        "levles"
    ]
    assert (await grace.get("/replays")).body == {"replays": []}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [" * 4000, "nested too deeply"),
        ("a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" + "".join(
            f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        ), "aliases"),
        ("a: &a [*a]", "missing"),
        ("- 1", "no mapping"),
    ],
)  # fmt: skip
async def test_a_text_that_would_eat_the_service_is_refused_as_quickly_as_any(
    service: Service, text: str, says: str
) -> None:
    grace = await service.agent(GRACE)
    answer = await asyncio.wait_for(grace.post("/replays", {"policy": text, **DAYS}), 10)
    assert (answer.status, answer.code) == (422, "policy_broken")
    assert says in answer.body["error"]["message"]


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"since": "2026-03-02", "until": "2026-03-01"}, "until"),
        ({"since": "2024-03-01", "until": "2026-03-01"}, "since"),
    ],
)
async def test_a_period_that_cannot_be_meant_is_refused(service: Service, days: dict[str, str], field: str) -> None:
    grace = await service.agent(GRACE)
    answer = await grace.post("/replays", {"policy": SHIPPED, **days})
    assert (answer.status, answer.body["error"]["data"]) == (422, {"field": field})


@pytest.mark.parametrize("agent", [ANA, IMANI])
async def test_replays_are_for_supervisors_and_admins(service: Service, agent: Any) -> None:
    desk = await service.agent(agent)
    for answer in (
        await desk.get("/replays"),
        await desk.get("/replays/policy"),
        await desk.get("/replays/r1"),
        await desk.post("/replays", {"policy": SHIPPED, **DAYS}),
        await desk.post("/replays/r1/cancel"),
    ):
        assert (answer.status, answer.code) == (403, "not_allowed")


async def test_the_policy_in_force_is_there_to_begin_from(service: Service) -> None:
    grace = await service.agent(GRACE)
    found = (await grace.get("/replays/policy")).body
    assert found == {"version": service.parts.context.policy.version, "text": SHIPPED}


async def test_one_replay_runs_at_a_time_and_is_ended_with_its_process(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_is(monkeypatch, SLOW)
    grace, omar = await service.agent(GRACE), await service.agent(OMAR)
    begun = (await grace.post("/replays", {"policy": SHIPPED, **DAYS})).body["replay"]

    async def told() -> bool:
        return bool((await omar.get(f"/replays/{begun['id']}")).body["replay"]["done"] == 3)

    await until(told)
    second = await omar.post("/replays", {"policy": SHIPPED, **DAYS})
    assert (second.status, second.code) == (409, "replay_running")
    cancelled = await asyncio.wait_for(omar.post(f"/replays/{begun['id']}/cancel"), 10)
    assert cancelled.body["replay"]["status"] == "cancelled"
    again = await omar.post(f"/replays/{begun['id']}/cancel")
    assert (again.status, again.code) == (409, "wrong_state")
    log = (await omar.get("/audit?action=replay.*")).body["entries"]
    assert (log[0]["actor_id"], log[0]["action"]) == ("omar", "replay.cancelled")


async def test_a_replay_that_fails_says_why_and_the_next_one_runs(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace = await service.agent(GRACE)
    seen = []
    for source, why in (
        ('print(\'{"problem": "the staff cannot be read"}\')', "the staff cannot be read"),
        ("print('nonsense')", "not understood"),
        ("raise SystemExit(1)", "before it was done"),
        ('print(\'{"result": {"policy": 1}}\')', "not understood"),
        ("raise SystemExit(0)", "before it was done"),
        ("raise SystemExit(3)", "before it was done"),
    ):
        worker_is(monkeypatch, source)
        begun = (await grace.post("/replays", {"policy": SHIPPED, **DAYS})).body["replay"]
        found = await ended(grace, begun["id"])
        assert (found["replay"]["status"], found["result"]) == ("failed", None)
        assert why in found["replay"]["problem"]
        seen.append(begun["id"])
    kept = [one["id"] for one in (await grace.get("/replays")).body["replays"]]
    assert kept == seen[: -KEPT - 1 : -1]
    assert (await grace.get(f"/replays/{seen[0]}")).status == 404


async def test_a_worker_that_cannot_be_started_is_a_failure_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_worker, "WORKER", ("/nowhere/python",))
    with pytest.raises(ReplayFailed, match="could not be started"):
        await replay_worker.replay_in_worker("", ReplayPeriod(date(2026, 3, 1), date(2026, 3, 2)), lambda _done: None)


def test_the_example_of_the_page_is_a_replay_with_its_result() -> None:
    begin = PAGE.index('{"replay": {"id"')
    example = json.JSONDecoder().raw_decode(re.sub(r"\n\s+", " ", PAGE[begin : begin + 3000]))[0]
    schemas.ReplayResultAnswer.model_validate(example)

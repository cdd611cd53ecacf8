"""A turn sees one escalation policy from its scoring to its last action, whatever is edited meanwhile (P15)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor

from actions.brain import Brain
from actions.in_force import KEPT, ActionsInForce
from actions.score_turn import ActionScoreTurn
from tests.actions.self_service_cast import MONDAY
from warmline.paths import PROJECT_ROOT
from warmline.policy import EscalationPolicy, LivePolicy

SHIPPED = (PROJECT_ROOT / "data" / "escalation.yml").read_text(encoding="utf-8")


class Telling(Action):  # type: ignore[misc]
    """Says under which policy it runs."""

    def __init__(self, policy: EscalationPolicy) -> None:
        self._policy = policy

    def name(self) -> str:
        return "action_telling"

    async def run(self, _dispatcher: Any, _tracker: Any, _domain: Any) -> list[dict[str, Any]]:
        return [SlotSet("patience", self._policy.bot_patience_seconds)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "escalation.yml"
    path.write_text(SHIPPED, encoding="utf-8")
    return path


@pytest.fixture
def live(file: Path) -> LivePolicy:
    return LivePolicy(file, clock=lambda: MONDAY)


@pytest.fixture
def actions(live: LivePolicy, brain: Brain) -> ActionsInForce:
    def build(policy: EscalationPolicy) -> ActionExecutor:
        executor = ActionExecutor()
        executor.register_action(ActionScoreTurn(brain.under(policy)))
        executor.register_action(Telling(policy))
        return executor

    return ActionsInForce(live, build)


def break_it(live: LivePolicy, file: Path) -> None:
    file.write_text("", encoding="utf-8")
    assert not any([live.check(), live.check()])


def edit(live: LivePolicy, file: Path, seconds: int) -> None:
    file.write_text(SHIPPED.replace("bot_patience_seconds: 45", f"bot_patience_seconds: {seconds}"), encoding="utf-8")
    assert any([live.check(), live.check()])


async def call(actions: ActionsInForce, name: str, message_id: str, slots: dict[str, Any]) -> dict[str, Any]:
    message = {"text": "where is my order", "intent": {"name": "order_status"}, "message_id": message_id}
    tracker = {"sender_id": "c1", "latest_message": message, "slots": slots, "events": []}
    result = await actions.run({"next_action": name, "tracker": tracker, "domain": {}})
    assert result is not None
    return slots | {event["name"]: event["value"] for event in result.events}


async def test_the_next_turn_is_scored_under_the_edited_policy(
    actions: ActionsInForce, live: LivePolicy, file: Path
) -> None:
    first = await call(actions, "action_score_turn", "m1", {})
    edit(live, file, 60)
    second = await call(actions, "action_score_turn", "m2", first)

    assert second["escalation"]["policy_version"] == live.policy.version
    assert second["escalation"]["policy_version"] != first["escalation"]["policy_version"]


async def test_a_turn_under_way_ends_under_the_policy_that_scored_it(
    actions: ActionsInForce, live: LivePolicy, file: Path
) -> None:
    slots = await call(actions, "action_score_turn", "m1", {})
    edit(live, file, 60)

    assert (await call(actions, "action_telling", "m1", slots))["patience"] == 45
    assert (await call(actions, "action_telling", "m2", slots))["patience"] == 60


async def test_after_many_edits_an_old_turn_goes_on_under_the_policy_in_force(
    actions: ActionsInForce, live: LivePolicy, file: Path
) -> None:
    slots = await call(actions, "action_score_turn", "m1", {})
    for seconds in range(50, 50 + KEPT):
        edit(live, file, seconds)
        await call(actions, "action_telling", "m2", {})

    assert (await call(actions, "action_telling", "m1", slots))["patience"] == 49 + KEPT


async def test_a_broken_edit_changes_nothing_in_the_action_server(
    actions: ActionsInForce, live: LivePolicy, file: Path
) -> None:
    break_it(live, file)
    slots = await call(actions, "action_score_turn", "m1", {})

    assert slots["escalation"]["policy_version"] == live.policy.version
    assert (await call(actions, "action_telling", "m1", slots))["patience"] == 45

"""The actions under the escalation policy in force: a turn sees one policy from its scoring to its last action."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult

from warmline.policy import EscalationPolicy, LivePolicy

KEPT: Final = 3
"""Policies for which actions are kept: the one in force, and those under which turns may still be on their way."""


class ActionsInForce:
    """Runs each call under one policy: that under which its turn was scored, or else the one in force."""

    def __init__(self, live: LivePolicy, build: Callable[[EscalationPolicy], ActionExecutor]) -> None:
        self._live = live
        self._build = build
        self._executors: OrderedDict[str, ActionExecutor] = OrderedDict()

    @property
    def actions(self) -> Mapping[str, Any]:
        """The actions by their names."""
        actions: Mapping[str, Any] = self._in_force().actions
        return actions

    async def run(self, call: dict[str, Any], /) -> ActionExecutorRunResult | None:
        """Run one call of Rasa."""
        began_under = self._executors.get(policy_of_turn(call))
        return await (began_under or self._in_force()).run(call)

    def _in_force(self) -> ActionExecutor:
        policy = self._live.policy
        if policy.version not in self._executors:
            self._executors[policy.version] = self._build(policy)
        self._executors.move_to_end(policy.version)
        while len(self._executors) > KEPT:
            self._executors.popitem(last=False)
        return self._executors[policy.version]


def policy_of_turn(call: Mapping[str, Any]) -> str:
    """Return the version of the policy under which the call's turn was scored; empty when it was not scored yet.

    Once it was, the tracker holds the picture of this turn, and the decision beside it names its policy.
    """
    tracker = call.get("tracker") or {}
    message, slots = tracker.get("latest_message") or {}, tracker.get("slots") or {}
    metadata, picture, decision = message.get("metadata"), slots.get("picture"), slots.get("escalation")
    if not isinstance(picture, Mapping) or not isinstance(decision, Mapping):
        return ""
    sent_by_handoff = metadata.get("message_id") if isinstance(metadata, Mapping) else None
    turn = sent_by_handoff or message.get("message_id")
    return str(decision.get("policy_version") or "") if turn and picture.get("key") == turn else ""

"""Trying another policy on the past, from the board: one replay at a time on each node, beside the live work.

A replay and what it found live in the memory of the node that ran it: they are looked at, printed, and done with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final

import structlog

from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.errors import NotAllowed, NotFound, PolicyBroken, ReplayRunning, WrongState
from handoff.domain.people import Agent
from handoff.domain.replays import Replay, ReplayPeriod, ReplayResult, ReplayStatus
from handoff.services.context import Context
from handoff.store import whole as store
from handoff.store.audit import add_entry
from warmline.policy import EscalationPolicy, PolicyError
from warmline.policy.load import parse_policy

log = structlog.get_logger(__name__)

KEPT: Final = 5
"""Replays that are remembered, the running one too."""
MOST_PROBLEMS: Final = 20
"""Mistakes in a policy that are told at once."""
FILE: Final = Path("the policy")

RunReplay = Callable[[str, ReplayPeriod, Callable[[int], None]], Awaitable[ReplayResult]]


class ReplayFailed(Exception):
    """A replay came to no result; the message is for the supervisor."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a replay found, and the latest case of each conversation in it that has one: its id and number."""

    result: ReplayResult
    cases: dict[str, tuple[str, str]]


class Replays:
    """The replays of this node, oldest first."""

    def __init__(self, context: Callable[[], Context], run: RunReplay) -> None:
        self._context, self._run = context, run
        self._known: dict[str, Replay] = {}
        self._found: dict[str, Found] = {}
        self._task: asyncio.Task[None] | None = None
        self._beginning = False

    def all(self, agent: Agent) -> tuple[Replay, ...]:
        """Every replay that is remembered, newest first. Raises ``NotAllowed``."""
        _allowed(agent)
        return tuple(reversed(self._known.values()))

    async def begin(self, agent: Agent, policy: str, period: ReplayPeriod) -> Replay:
        """Begin a replay of what the policy of this text would have decided.

        Raises ``NotAllowed``, ``PolicyBroken`` with each mistake and its mend, and ``ReplayRunning``.
        """
        _allowed(agent)
        version = (await asyncio.to_thread(_checked, policy)).version
        if self._beginning or (self._task is not None and not self._task.done()):
            raise ReplayRunning("A replay is running. Wait for its end, or cancel it.")
        self._beginning = True
        try:
            context = self._context()
            now, of = context.clock(), await _count(context, period)
            begun = Replay(context.new_id(), agent.id, agent.name, version, period, now, of)
            days = {"policy": version, "since": str(period.since), "until": str(period.until)}
            await _note(context, agent, Did.REPLAY_BEGUN, begun.id, days)
            self._remember(begun)
            self._task = asyncio.create_task(self._work(begun.id, policy), name="replay")
        finally:
            self._beginning = False
        return begun

    async def read(self, agent: Agent, replay_id: str) -> tuple[Replay, Found | None]:
        """A replay, and what it found once it is done, which the audit log then says. Raises ``NotFound``."""
        _allowed(agent)
        replay, found = self._one(replay_id), self._found.get(replay_id)
        if found is not None:
            await _note(self._context(), agent, Did.REPLAY_READ, replay_id, {"changes": found.result.changes})
        return replay, found

    async def cancel(self, agent: Agent, replay_id: str) -> Replay:
        """End a replay that runs. Raises ``NotFound``, and ``WrongState`` for one that has ended."""
        _allowed(agent)
        if self._one(replay_id).status is not ReplayStatus.RUNNING:
            raise WrongState("This replay has ended already.")
        await self.close()
        await _note(self._context(), agent, Did.REPLAY_CANCELLED, replay_id, {})
        return self._one(replay_id)

    async def close(self) -> None:
        """End what runs."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self, replay_id: str, policy: str) -> None:
        def told(done: int) -> None:
            self._change(replay_id, done=done)

        try:
            result = await self._run(policy, self._known[replay_id].period, told)
            context = self._context()
            async with context.db.read() as db:
                cases = await store.cases_of(db, [one.conversation for one in result.changed])
            self._found[replay_id] = Found(result, cases)
            self._change(replay_id, status=ReplayStatus.DONE, done=result.conversations)
        except asyncio.CancelledError:
            self._change(replay_id, status=ReplayStatus.CANCELLED)
            raise
        except ReplayFailed as error:
            self._change(replay_id, status=ReplayStatus.FAILED, problem=str(error))
        except Exception:
            log.exception("replay_failed", replay=replay_id)
            self._change(replay_id, status=ReplayStatus.FAILED, problem="The replay failed; the log says why.")

    def _one(self, replay_id: str) -> Replay:
        if replay_id not in self._known:
            raise NotFound("There is no such replay; one is kept until Warmline starts anew.")
        return self._known[replay_id]

    def _remember(self, replay: Replay) -> None:
        self._known[replay.id] = replay
        for old in list(self._known)[:-KEPT]:
            del self._known[old]
            self._found.pop(old, None)

    def _change(
        self, replay_id: str, *, done: int | None = None, status: ReplayStatus | None = None, problem: str | None = None
    ) -> None:
        known = self._known[replay_id]
        done = known.done if done is None else done
        changed = replace(known, done=done, of=max(known.of, done))
        if status is not None:
            changed = replace(changed, status=status, problem=problem, ended_at=self._context().clock())
        self._known[replay_id] = changed


def policy_text(context: Context, agent: Agent) -> tuple[str, str]:
    """The policy in force, its version and its text, to begin from. Raises ``NotAllowed`` and ``NotFound``."""
    _allowed(agent)
    text = context.live.text() if context.live is not None else None
    if text is None:
        raise NotFound("The text of the policy in force is not there any more: its file says something else now.")
    return context.policy.version, text


def _allowed(agent: Agent) -> None:
    if not agent.sees_all:
        raise NotAllowed("Replays are for supervisors and admins.")


def _checked(text: str) -> EscalationPolicy:
    try:
        return parse_policy(FILE, text.encode("utf-8"))
    except PolicyError as error:
        problems = [{"line": p.line, "where": p.where, "what": p.what} for p in error.problems[:MOST_PROBLEMS]]
        first = error.problems[0]
        said = f"The policy cannot be used. Line {first.line}, {first.where}: {first.what}."
        raise PolicyBroken(said, problems=problems, count=len(error.problems)) from error


async def _count(context: Context, period: ReplayPeriod) -> int:
    since = datetime.combine(period.since, time(), UTC)
    async with context.db.read() as db:
        before = datetime.combine(period.until, time(), UTC) + timedelta(days=1)
        return await store.count_begun(db, since=since, before=before)


async def _note(context: Context, agent: Agent, did: Did, replay_id: str, data: Mapping[str, str | int]) -> None:
    async with context.db.write() as db:
        entry = AuditEntry(context.clock(), Actor.of_agent(agent), did, "replay", replay_id, dict(data))
        await add_entry(db, entry)

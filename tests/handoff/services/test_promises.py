"""The ledger of promises: each is kept, renewed, broken or void, as it was said and when (P23, P25)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.exc import IntegrityError

from handoff.contract import Category
from handoff.domain.cases import Case, CaseStatus, WaitingFor
from handoff.domain.conversations import Conversation, Message, SenderType
from handoff.domain.errors import HandoffError
from handoff.domain.notifications import NotificationKind
from handoff.domain.people import Agent
from handoff.domain.promises import Kept, Promise, PromiseKind, PromiseStatus, promised_now
from handoff.services import after_case, case_steps, case_talk, milestones
from handoff.services.clocks import with_next_deadline
from handoff.services.deadlines import DeadlineWatcher
from handoff.services.triage import change_severity
from handoff.store import cases as case_store
from handoff.store import notifications
from handoff.store import promises as store
from tests.handoff.cast import BEN, GRACE, MAYA, PRIYA, START, Clock, House, move_in
from tests.handoff.conftest import connect_sqlite

SOLVED = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "Sent again"}
TRIED = {"tried": "this", "next_step": "that"}


async def ledger(house: House, case_id: str) -> list[Promise]:
    async with house.db.read() as db:
        return list(await store.promises_of(db, case_id))


async def statuses(house: House, case_id: str) -> list[str]:
    return [promise.status for promise in await ledger(house, case_id)]


async def word(house: House, case_id: str, key: str = "agent-word-1") -> None:
    await case_talk.send_agent_message(house.context, case_id, BEN, client_message_id=key, text="I am on it")


async def alerts(house: House, agent: Agent = GRACE) -> list[NotificationKind]:
    async with house.db.read() as db:
        return [line.kind for line in await notifications.notifications_of(db, agent.id)]


async def test_the_opening_promises_a_first_word(house: House) -> None:
    _, case_id = await house.case()
    (promise,) = await ledger(house, case_id)
    assert (promise.kind, promise.status, promise.agent_id) == (PromiseKind.FIRST_WORD, PromiseStatus.OPEN, None)
    assert (promise.made_at, promise.due_at) == (START, START + timedelta(minutes=10))


async def test_who_accepts_takes_the_promise_over(house: House) -> None:
    _, case_id = await house.case()
    house.clock.move(minutes=3)
    await case_steps.accept(house.context, case_id, BEN)
    (promise,) = await ledger(house, case_id)
    assert (promise.status, promise.agent_id, promise.made_at) == (PromiseStatus.OPEN, BEN.id, START)


@pytest.mark.parametrize(
    ("after", "status"), [({"minutes": 10}, "kept"), ({"minutes": 10, "seconds": 1}, "broken")], ids=["due", "late"]
)
async def test_a_word_in_time_keeps_the_promise_and_a_later_one_does_not(
    house: House, after: dict[str, int], status: str
) -> None:
    _, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    house.clock.move(**after)
    await word(house, case_id)
    first, following = await ledger(house, case_id)
    assert (first.status, first.settled_at) == (status, house.clock.now)
    assert (following.kind, following.status) == (PromiseKind.NEXT_WORD, PromiseStatus.OPEN)
    assert following.due_at == house.clock.now + timedelta(hours=2)
    assert (NotificationKind.PROMISE_BROKEN in await alerts(house)) is (status == "broken")


async def test_who_takes_an_overdue_case_up_promises_anew(house: House) -> None:
    conversation, case_id = await house.case()
    house.clock.move(minutes=30)
    await case_steps.accept(house.context, case_id, BEN)
    broken, standing = await ledger(house, case_id)
    assert broken.status is PromiseStatus.BROKEN
    assert (standing.status, standing.due_at) == (PromiseStatus.OPEN, house.clock.now + timedelta(minutes=10))
    assert "within 10 minutes" in (await house.messages(conversation))[-1].text


async def test_a_promise_that_nobody_kept_is_broken_by_the_clock_told_once_and_made_anew(house: House) -> None:
    _, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    house.clock.move(minutes=11)
    for _ in range(3):
        await DeadlineWatcher(house.context).look()
        await case_talk.add_note(house.context, case_id, BEN, text="I forgot")
    assert await statuses(house, case_id) == ["broken", "open"]
    assert (await alerts(house)).count(NotificationKind.PROMISE_BROKEN) == 1


async def test_another_time_told_in_advance_renews_the_promise_with_its_reason(house: House) -> None:
    _, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    span = timedelta(hours=1)
    await case_talk.promise_next_update(house.context, case_id, BEN, span=span, reason="the depot opens at ten")
    first, second = await ledger(house, case_id)
    assert (first.status, first.reason) == (PromiseStatus.RENEWED, "the depot opens at ten")
    assert (second.kind, second.due_at) == (PromiseKind.FIRST_WORD, START + span), "nobody has written yet"


async def test_a_transfer_promises_anew_for_the_other_queue(house: House) -> None:
    _, case_id = await house.case()
    house.clock.move(minutes=2)
    await case_steps.transfer(house.context, case_id, BEN, category=Category.BILLING, **TRIED)
    first, second = await ledger(house, case_id)
    assert first.status is PromiseStatus.RENEWED
    assert (second.category, second.due_at) == (Category.BILLING, START + timedelta(minutes=12))


async def test_a_closed_case_owes_nothing_and_a_reopened_one_does_again(house: House) -> None:
    conversation, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    await case_steps.resolve(house.context, case_id, BEN, **SOLVED)
    assert await statuses(house, case_id) == ["void"]
    await after_case.reopen(house.context, conversation.id, case_id, note="No", client_message_id="again-0001")
    assert await statuses(house, case_id) == ["void", "open"]


async def test_a_customer_with_a_better_tier_is_promised_a_sooner_word(house: House) -> None:
    case_id = await house.hand_over(await house.begin(PRIYA))
    (promise,) = await ledger(house, case_id)
    assert promise.due_at == START + timedelta(minutes=5)


async def test_never_do_two_promises_of_a_case_stand(house: House) -> None:
    _, case_id = await house.case()
    (promise,) = await ledger(house, case_id)
    async with house.db.write() as db:
        with pytest.raises(IntegrityError):
            async with db.begin_nested():
                await store.add_promise(
                    db,
                    Promise("another", case_id, PromiseKind.NEXT_WORD, PromiseStatus.OPEN, promise.category, None,
                            START, START),
                )  # fmt: skip


async def test_the_share_kept_counts_what_was_put_to_the_test(house: House) -> None:
    """P30: kept ones of those kept or broken; renewed, void and open ones count as neither."""
    for place, minutes in enumerate((5, 9, 11)):
        case_id = await house.hand_over(await house.begin(None))
        await case_steps.accept(house.context, case_id, BEN)
        house.clock.move(minutes=minutes)
        await word(house, case_id, f"agent-word-{place}")
    async with house.db.read() as db:
        day = (START, START + timedelta(days=1))
        assert await store.kept_between(db, *day) == Kept(2, 1)
        assert (await store.kept_between(db, *day, agent_id=BEN.id)).share == pytest.approx(2 / 3)
        assert (await store.kept_between(db, *day, categories=[Category.BILLING])).share is None
        assert await store.kept_between(db, day[0] - timedelta(days=1), day[0]) == Kept(0, 0)


class AnyHistory(RuleBasedStateMachine):
    """Two customers and an agent who now and then forgets, with a watcher beside."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="warmline-promises-"))
        shutil.copy(self.template, self.folder / "handoff.db")
        self.runner = asyncio.Runner()
        self.db = connect_sqlite(self.folder / "handoff.db")
        self.house: House = self.run(move_in(self.db, Clock()))
        self.talks: list[Conversation] = []
        self.cases: list[str] = []
        self.said = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it, or be refused with a reason. Never do two things happen at the same moment."""
        self.house.clock.move(seconds=1)
        try:
            self.run(work)
        except HandoffError:
            return

    def teardown(self) -> None:
        self.run(self.db.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    @initialize()
    def two_cases(self) -> None:
        for who in (MAYA, PRIYA):
            self.talks.append(self.run(self.house.begin(who)))
            self.cases.append(self.run(self.house.hand_over(self.talks[-1])))

    which = st.sampled_from([0, 1])

    @rule(which=which)
    def accept(self, which: int) -> None:
        self.attempt(case_steps.accept(self.house.context, self.cases[which], GRACE))

    @rule(which=which)
    def write(self, which: int) -> None:
        self.said += 1
        self.attempt(
            case_talk.send_agent_message(
                self.house.context, self.cases[which], GRACE, client_message_id=f"agent-{self.said:05}", text="Hello"
            )
        )

    @rule(which=which, minutes=st.integers(5, 600))
    def promise(self, which: int, minutes: int) -> None:
        span = timedelta(minutes=minutes)
        self.attempt(
            case_talk.promise_next_update(self.house.context, self.cases[which], GRACE, span=span, reason="later")
        )

    @rule(which=which, whom=st.sampled_from(list(WaitingFor)))
    def wait(self, which: int, whom: WaitingFor) -> None:
        self.attempt(milestones.wait(self.house.context, self.cases[which], GRACE, waiting_for=whom, what="a number"))

    @rule(which=which)
    def answer(self, which: int) -> None:
        self.attempt(self.house.say(self.talks[which], "Here it is"))

    @rule(which=which, act=st.sampled_from(["release", "escalate", "transfer", "resume", "plan", "resolve", "reopen"]))
    def move(self, which: int, act: str) -> None:
        context, case_id = self.house.context, self.cases[which]
        case: Case = self.run(self.case(case_id))
        other = Category.BILLING if case.category is not Category.BILLING else Category.TECHNICAL
        self.said += 1
        acts = {
            "release": lambda: case_steps.release(context, case_id, GRACE, reason="break"),
            "escalate": lambda: case_steps.escalate(context, case_id, GRACE, **TRIED),
            "transfer": lambda: case_steps.transfer(context, case_id, GRACE, category=other, **TRIED),
            "resume": lambda: milestones.resume(context, case_id, GRACE, reason="found"),
            "plan": lambda: milestones.tell_plan(context, case_id, GRACE, plan="Ask the depot"),
            "resolve": lambda: case_steps.resolve(context, case_id, GRACE, **SOLVED),
            "reopen": lambda: after_case.reopen(
                context, case.conversation_id, case_id, note="", client_message_id=f"again-{self.said:05}"
            ),
        }
        self.attempt(acts[act]())

    @rule(which=which, severity=st.integers(1, 4))
    def grade(self, which: int, severity: int) -> None:
        self.attempt(
            change_severity(
                self.house.context, self.cases[which], GRACE, severity=severity, triage=None, reason="seen again"
            )
        )

    @rule(minutes=st.integers(1, 400), looked=st.booleans())
    def time_passes(self, minutes: int, looked: bool) -> None:
        self.house.clock.move(minutes=minutes)
        if looked:
            self.run(DeadlineWatcher(self.house.context).look())

    async def case(self, case_id: str) -> Case:
        async with self.db.read() as db:
            return await case_store.get_case(db, case_id)

    @invariant()
    def every_promise_is_settled_as_it_was_said_and_when(self) -> None:
        broken = 0
        for talk, case_id in zip(self.talks, self.cases, strict=True):
            case = self.run(self.case(case_id))
            found = self.run(ledger(self.house, case_id))
            said: tuple[Message, ...] = self.run(self.house.messages(talk))
            words = [message.created_at for message in said if message.sender is SenderType.AGENT]
            told = {message.created_at for message in said if message.sender is not SenderType.CUSTOMER}
            self.one_stands_while_something_is_owed(case, found)
            assert with_next_deadline(self.house.context, case) == case, "the next deadline is that of the case"
            assert (case.next_deadline_at is None) is (case.status is CaseStatus.CLOSED)
            for promise in found:
                in_time = [at for at in words if promise.made_at < at <= promise.due_at]
                if promise.status is PromiseStatus.KEPT:
                    assert promise.settled_at == in_time[0]
                elif promise.settled_at is not None:
                    assert not [at for at in in_time if at <= promise.settled_at], "a word in time keeps it"
                    assert (promise.status is PromiseStatus.BROKEN) is (promise.settled_at > promise.due_at)
                broken += promise.status is PromiseStatus.BROKEN
            for earlier, later in pairwise(found):
                assert earlier.settled_at is not None
                assert earlier.settled_at <= later.made_at
                assert later.due_at <= earlier.due_at or later.made_at in told, "never later without a word"
        assert self.run(alerts(self.house)).count(NotificationKind.PROMISE_BROKEN) == broken

    def one_stands_while_something_is_owed(self, case: Case, found: list[Promise]) -> None:
        standing = [promise for promise in found if promise.status is PromiseStatus.OPEN]
        due = promised_now(case)
        assert len(standing) <= 1
        if due is None:
            assert standing == []
        elif due > self.house.clock.now:
            assert [promise.due_at for promise in standing] == [due]
        for promise in standing:
            assert promise.agent_id == (case.agent_id if case.is_owned else None)
            assert promise.category is case.category


def test_after_any_history_each_promise_is_settled_as_it_was_said(sqlite_template: Path) -> None:
    AnyHistory.template = sqlite_template
    case = AnyHistory.TestCase
    case.settings = settings(max_examples=12, stateful_step_count=25, deadline=None, derandomize=True, database=None)
    case().runTest()

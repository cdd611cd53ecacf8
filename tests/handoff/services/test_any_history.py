"""Whatever customers, agents and the bot do in whatever order: one owner, in step with the case, nothing lost."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from handoff.contract import Category, HandoffReason
from handoff.domain.cases import Case, CaseEvent, CaseStatus, Step
from handoff.domain.conversations import Conversation, ConversationStatus, SenderType, Turn, TurnStatus
from handoff.domain.errors import HandoffError
from handoff.domain.ownership import FIRST_OWNER, Owner
from handoff.domain.people import Agent
from handoff.domain.resolutions import Resolution
from handoff.domain.verdicts import Verdict
from handoff.services import after_case, case_steps, case_talk, surveys, verdicts
from handoff.services.bot_replies import store_answer
from handoff.services.conversations import Identity, begin
from handoff.services.open_case import open_case, open_case_without_bot
from handoff.store import case_events as history
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import resolutions
from handoff.store.database import Database
from handoff.store.schema import case_events, cases, conversations, messages, turns
from tests.handoff.cast import ANA, BEN, GRACE, MAYA, OMAR, PRIYA, Clock, House, echo, move_in, request, wants_human
from tests.handoff.conftest import connect_sqlite

OWNER_OF = {
    CaseStatus.OPEN: "queue",
    CaseStatus.ACTIVE: "agent",
    CaseStatus.WAITING: "agent",
    CaseStatus.CLOSED: "bot",
}
TAKEN = {"handoff_opened", "handoff_priority", "bot_handoff", "case_reopened", "case_reopened_queue"}
GIVEN_BACK = {"case_resolved", "returned_to_bot", "case_merged"}
TRIED = {"tried": "this", "next_step": "that"}
agents = st.sampled_from([ANA, BEN, GRACE, OMAR])
customers = st.sampled_from([0, 1])


@dataclass(frozen=True)
class Seen:
    """The whole database at one moment."""

    talks: dict[str, Conversation]
    cases: list[Case]
    messages: dict[str, list[Any]]
    steps: dict[str, list[Step]]
    waiting: list[str]


class AnyHistory(RuleBasedStateMachine):
    """Two customers, four of the staff, and a bot whose answers come late."""

    template: Path
    identities: tuple[Identity | None, ...] = (MAYA, PRIYA)

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="warmline-history-"))
        shutil.copy(self.template, self.folder / "handoff.db")
        self.runner = asyncio.Runner()
        self.db: Database = connect_sqlite(self.folder / "handoff.db")
        self.house: House = self.run(move_in(self.db, Clock()))
        self.talks: list[Conversation] = []
        self.owners: dict[str, Owner] = {}
        self.in_flight: list[tuple[Turn, int]] = []
        self.said = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it, or be refused with a reason; anything else is a fault."""
        try:
            self.run(work)
        except HandoffError:
            return

    def teardown(self) -> None:
        self.run(self.db.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    @initialize()
    def two_customers_begin(self) -> None:
        self.talks = [self.run(self.house.begin(who)) for who in self.identities]

    @rule(who=customers, fresh=st.booleans())
    def a_customer_begins_again(self, who: int, fresh: bool) -> None:
        begun = self.run(
            begin(self.house.context, identity=self.identities[who], fresh=fresh, resume=self.talks[who].id)
        )
        self.talks[who] = begun.conversation

    @rule(who=customers)
    def a_customer_writes(self, who: int) -> None:
        self.said += 1
        self.run(self.house.say(self.talks[who], f"word {self.said}"))
        now = self.run(self.house.now(self.talks[who]))
        for turn in self.pending(self.talks[who].id):
            if turn.message_id not in {flying.message_id for flying, _ in self.in_flight}:
                self.in_flight.append((turn, now.owner.version))

    @rule(late=st.integers(0, 5), human=st.booleans())
    def the_bot_answers_some_turn_perhaps_late(self, late: int, human: bool) -> None:
        if self.in_flight:
            turn, version = self.in_flight.pop(late % len(self.in_flight))
            answer = wants_human(turn.message_id, "One moment") if human else echo(turn.payload, turn.message_id)
            self.run(store_answer(self.house.context, turn, answer, owner_version=version))

    @rule(who=customers, category=st.sampled_from(list(Category)), level=st.integers(1, 4))
    def the_bot_hands_over(self, who: int, category: Category, level: int) -> None:
        messages = [m for m in self.run(self.house.messages(self.talks[who])) if m.sender is SenderType.CUSTOMER]
        if messages:
            wanted = request(self.talks[who], messages[-1], category=category, level=level)
            self.attempt(open_case(self.house.context, wanted))

    @rule(who=customers)
    def the_bot_gives_up(self, who: int) -> None:
        self.said += 1
        self.attempt(
            open_case_without_bot(self.house.context, self.talks[who].id, f"lost-{self.said}", HandoffReason.BOT_ERROR)
        )

    @rule(agent=agents, which=st.integers(0, 5))
    def an_agent_accepts(self, agent: Agent, which: int) -> None:
        if self.is_on_the_team(agent):
            self.step(which, lambda case: case_steps.accept(self.house.context, case.id, agent))

    @rule(agent=agents, which=st.integers(0, 5))
    def an_agent_releases(self, agent: Agent, which: int) -> None:
        self.step(which, lambda case: case_steps.release(self.house.context, case.id, agent, reason="break"))

    @rule(agent=agents, which=st.integers(0, 5), to=st.sampled_from(list(Category)))
    def an_agent_transfers(self, agent: Agent, which: int, to: Category) -> None:
        self.step(which, lambda case: case_steps.transfer(self.house.context, case.id, agent, category=to, **TRIED))

    @rule(agent=agents, which=st.integers(0, 5))
    def an_agent_escalates(self, agent: Agent, which: int) -> None:
        self.step(which, lambda case: case_steps.escalate(self.house.context, case.id, agent, **TRIED))

    @rule(agent=agents, which=st.integers(0, 5))
    def an_agent_resolves(self, agent: Agent, which: int) -> None:
        self.step(
            which,
            lambda case: case_steps.resolve(
                self.house.context,
                case.id,
                agent,
                disposition="solved",
                root_cause="carrier_late",
                outcome="Sent again",
            ),
        )

    @rule(agent=agents, which=st.integers(0, 5))
    def an_agent_writes(self, agent: Agent, which: int) -> None:
        self.said += 1
        self.step(
            which,
            lambda case: case_talk.send_agent_message(
                self.house.context, case.id, agent, client_message_id=f"agent-{self.said:05d}", text="Hello"
            ),
        )

    @rule(agent=agents, which=st.integers(0, 5), verdict=st.sampled_from(list(Verdict)))
    def an_agent_judges(self, agent: Agent, which: int, verdict: Verdict) -> None:
        self.step(which, lambda case: verdicts.judge(self.house.context, case.id, agent, verdict=verdict))

    @rule(which=st.integers(0, 5), present=st.booleans(), twice=st.booleans())
    def a_customer_reopens(self, which: int, present: bool, twice: bool) -> None:
        self.said += 1
        self.run((self.house.arrives if present else self.house.leaves)(BEN, GRACE))
        for _ in range(1 + twice):
            self.step(
                which,
                lambda case: after_case.reopen(
                    self.house.context,
                    case.conversation_id,
                    case.id,
                    note="",
                    client_message_id=f"again-{self.said:05d}",
                ),
            )

    @rule(which=st.integers(0, 5), csat=st.integers(1, 5))
    def a_customer_rates(self, which: int, csat: int) -> None:
        self.step(
            which,
            lambda case: surveys.rate(self.house.context, case.conversation_id, case.id, csat=csat, comment=None),
        )

    @rule(minutes=st.integers(1, 300))
    def time_passes(self, minutes: int) -> None:
        self.house.clock.move(minutes=minutes)

    def is_on_the_team(self, agent: Agent) -> bool:
        """Whether they can sign in; who cannot takes no case."""
        return True

    def step(self, which: int, act: Any) -> None:
        found = self.run(self.all_cases())
        if found:
            case = found[which % len(found)]
            events = len(self.run(self.events(case.id)))
            before = case
            try:
                self.run(act(case))
            except HandoffError:
                assert self.run(self.case(case.id)) == before, "a refusal changes nothing"
                return
            after = self.run(self.case(case.id))
            assert after.version >= before.version
            if (after.status, after.category, after.level) != (before.status, before.category, before.level):
                assert after.version > before.version
                rows = len(self.run(self.events(case.id))) - events
                assert rows >= after.version - before.version, "every step leaves a row"

    async def all_cases(self) -> list[Case]:
        async with self.db.read() as db:
            return [
                case_store.case_of(row) for row in (await db.execute(cases.select().order_by(cases.c.number))).all()
            ]

    async def case(self, case_id: str) -> Case:
        async with self.db.read() as db:
            return await case_store.get_case(db, case_id)

    async def events(self, case_id: str) -> tuple[CaseEvent, ...]:
        async with self.db.read() as db:
            return await history.events_of(db, case_id)

    def pending(self, conversation_id: str) -> tuple[Turn, ...]:
        async def read() -> tuple[Turn, ...]:
            async with self.db.read() as db:
                return await store.pending_turns(db, conversation_id)

        found: tuple[Turn, ...] = self.run(read())
        return found

    @invariant()
    def everything_agrees(self) -> None:
        seen = self.run(self.look())
        self.one_owner_in_step_with_the_case(seen)
        self.the_version_grows_whenever_the_owner_changes(seen)
        self.messages_are_numbered_without_gaps(seen)
        self.the_bot_spoke_only_while_it_owned(seen)
        assert all(seen.talks[talk].owner.is_bot for talk in seen.waiting), "nothing waits while a human owns"
        for steps in seen.steps.values():
            assert steps[0] is Step.OPEN
            assert steps.count(Step.OPEN) == 1

    @invariant()
    def every_closing_has_its_resolution(self) -> None:
        """All but the last did not hold; the last one holds as long as the case is closed."""
        for case in self.run(self.all_cases()):
            found = self.run(self.resolutions(case.id))
            assert [one.number for one in found] == list(range(1, case.resolution_count + 1))
            held = [one.reopened_at is None for one in found]
            assert held == [False] * (len(found) - 1) + [case.status is CaseStatus.CLOSED] * bool(found)

    async def resolutions(self, case_id: str) -> tuple[Resolution, ...]:
        async with self.db.read() as db:
            return await resolutions.resolutions_of(db, case_id)

    async def look(self) -> Seen:
        async with self.db.read() as db:
            talks = [store.conversation_of(row) for row in await db.execute(conversations.select())]
            found = [case_store.case_of(row) for row in await db.execute(cases.select())]
            said: dict[str, list[Any]] = {talk.id: [] for talk in talks}
            for row in await db.execute(messages.select().order_by(messages.c.seq)):
                said[row.conversation_id].append(row)
            steps: dict[str, list[Step]] = {case.id: [] for case in found}
            for row in await db.execute(case_events.select().order_by(case_events.c.id)):
                steps[row.case_id].append(Step(row.step))
            pending = await db.execute(turns.select().where(turns.c.status == TurnStatus.PENDING))
            return Seen({talk.id: talk for talk in talks}, found, said, steps, [row.conversation_id for row in pending])

    def one_owner_in_step_with_the_case(self, seen: Seen) -> None:
        open_cases: dict[str, Case] = {}
        for case in seen.cases:
            if case.status is not CaseStatus.CLOSED:
                assert case.conversation_id not in open_cases, "one open case for a conversation"
                open_cases[case.conversation_id] = case
        for talk in seen.talks.values():
            standing = open_cases.get(talk.id)
            assert talk.owner.type.value == (OWNER_OF[standing.status] if standing else "bot")
            if standing is not None:
                assert talk.status is ConversationStatus.OPEN, "no case in an ended conversation"
                assert talk.owner.agent_id == standing.agent_id

    def the_version_grows_whenever_the_owner_changes(self, seen: Seen) -> None:
        for talk in seen.talks.values():
            before = self.owners.get(talk.id, FIRST_OWNER)
            assert talk.owner == before or talk.owner.version > before.version
            self.owners[talk.id] = talk.owner

    def messages_are_numbered_without_gaps(self, seen: Seen) -> None:
        for talk in seen.talks.values():
            assert [m.seq for m in seen.messages[talk.id]] == list(range(1, talk.last_seq + 1))

    def the_bot_spoke_only_while_it_owned(self, seen: Seen) -> None:
        """Between the notice that a human has it and the one that it is solved, no word of the bot."""
        for said in seen.messages.values():
            human = False
            for message in said:
                human = message.notice in TAKEN or (human and message.notice not in GIVEN_BACK)
                assert not (human and message.sender == SenderType.BOT)


def test_any_history_keeps_one_owner_in_step_with_the_case(sqlite_template: Path) -> None:
    AnyHistory.template = sqlite_template
    case = AnyHistory.TestCase
    case.settings = settings(max_examples=10, stateful_step_count=25, deadline=None, derandomize=True, database=None)
    case().runTest()

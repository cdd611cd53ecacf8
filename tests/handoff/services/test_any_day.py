"""Whatever leads, incidents and the clock do with cases: deadlines and promises agree with them, nobody is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from handoff.domain.cases import Case, CaseStatus, WaitingFor
from handoff.domain.people import Agent
from handoff.domain.promises import Promise, PromiseStatus
from handoff.services import case_steps, case_talk, incidents, milestones, supervising, triage
from handoff.services.clocks import with_next_deadline
from handoff.services.deadlines import DeadlineWatcher
from handoff.services.incident_news import tell_next
from handoff.store.promises import promise_of
from handoff.store.schema import incident_links, participants, promises
from tests.handoff.cast import BEN, GRACE, OMAR, STAFF
from tests.handoff.services.test_any_history import customers
from tests.handoff.services.test_any_work import AnyWork, agents, which_case

leads = st.sampled_from([GRACE, OMAR])


class AnyDay(AnyWork):
    """As ``AnyWork``, with leads who join and take, cases that wait, deadlines that act, and incidents."""

    # What test_any_work tries already.
    a_case_goes_to_a_colleague = None
    an_offer_is_answered = None
    an_agent_wants_a_pause_or_comes_back = None
    owners_are_missed = None
    somebody_leaves_the_team = None
    a_case_goes_back_to_the_bot = None
    an_agent_transfers = None
    an_agent_writes = None
    time_passes = None

    def __init__(self) -> None:
        super().__init__()
        self.incidents: list[str] = []

    @initialize()
    def two_customers_begin(self) -> None:
        """One has an agent already, and one waits."""
        super().two_customers_begin()
        first = self.run(self.all_cases())[0]
        self.run(case_steps.accept(self.house.context, first.id, BEN))
        self.a_lead_states_an_incident(GRACE, 0)

    def owner_or(self, agent: Agent, case: Case) -> Agent:
        return next((one for one in STAFF if one.id == case.agent_id and case.is_owned), agent)

    @rule(agent=agents, which=which_case)
    def an_agent_resolves(self, agent: Agent, which: int) -> None:
        told = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "Sent again"}
        context = self.house.context
        self.step(which, lambda case: case_steps.resolve(context, case.id, self.owner_or(agent, case), **told))

    @rule(agent=agents, which=which_case)
    def an_owner_writes(self, agent: Agent, which: int) -> None:
        self.said += 1
        word = {"client_message_id": f"owner-{self.said:05d}", "text": "Hello"}
        context = self.house.context
        self.step(
            which, lambda case: case_talk.send_agent_message(context, case.id, self.owner_or(agent, case), **word)
        )

    @rule(lead=leads, which=which_case, comes=st.booleans())
    def a_lead_joins_or_leaves(self, lead: Agent, which: int, comes: bool) -> None:
        act = supervising.join if comes else supervising.leave
        self.step(which, lambda case: act(self.house.context, case.id, lead))

    @rule(lead=leads, who=customers)
    def a_lead_takes_a_conversation_from_the_bot(self, lead: Agent, who: int) -> None:
        talk = self.talks[who].id
        self.attempt(supervising.take_from_bot(self.house.context, lead, talk, reason="I know them"))

    @rule(agent=agents, which=which_case, waiting_for=st.sampled_from(list(WaitingFor)))
    def a_case_waits(self, agent: Agent, which: int, waiting_for: WaitingFor) -> None:
        self.step(
            which,
            lambda case: milestones.wait(
                self.house.context, case.id, self.owner_or(agent, case), waiting_for=waiting_for, what="the photo"
            ),
        )

    @rule(agent=agents, which=which_case)
    def a_case_goes_on(self, agent: Agent, which: int) -> None:
        context = self.house.context
        self.step(which, lambda case: milestones.resume(context, case.id, self.owner_or(agent, case), reason="it came"))

    @rule(agent=agents, which=which_case, severity=st.integers(1, 4))
    def an_agent_corrects_the_severity(self, agent: Agent, which: int, severity: int) -> None:
        self.step(
            which,
            lambda case: triage.change_severity(
                self.house.context,
                case.id,
                self.owner_or(agent, case),
                severity=severity,
                triage=None,
                reason="worse than it looked",
            ),
        )

    @rule(minutes=st.sampled_from([1, 20, 240, 2000, 20000]))
    def deadlines_act(self, minutes: int) -> None:
        self.house.clock.move(minutes=minutes)
        self.run(DeadlineWatcher(self.house.context).look())
        now = self.house.clock()
        for case in self.run(self.all_cases()):
            assert case.next_deadline_at is None or case.next_deadline_at >= now, "nothing stays overdue"

    @rule(lead=leads, which=which_case)
    def a_lead_states_an_incident(self, lead: Agent, which: int) -> None:
        cases = self.run(self.all_cases())
        category = cases[which % len(cases)].category
        stated = incidents.declare(
            self.house.context, lead, category=category, title="Outage", announcement="We know of it.", centre=None
        )
        self.incidents.append(self.run(stated).id)

    @rule(agent=agents, which=which_case, incident=st.integers(0, 3))
    def a_case_is_linked(self, agent: Agent, which: int, incident: int) -> None:
        if self.incidents:
            wanted = self.incidents[incident % len(self.incidents)]
            self.step(which, lambda case: incidents.link(self.house.context, wanted, agent, case_id=case.id))
            self.run(tell_next(self.house.context))

    @rule(lead=leads, incident=st.integers(0, 3))
    def an_incident_is_over(self, lead: Agent, incident: int) -> None:
        if self.incidents:
            wanted = self.incidents[incident % len(self.incidents)]
            self.attempt(incidents.resolve(self.house.context, wanted, lead, resolution="It works again."))
            self.run(tell_next(self.house.context))

    async def rows(self, table: Any) -> list[Any]:
        async with self.db.read() as db:
            return list((await db.execute(table.select())).all())

    @invariant()
    def time_agrees_with_every_case(self) -> None:
        cases = {case.id: case for case in self.run(self.all_cases())}
        for case in cases.values():
            assert with_next_deadline(self.house.context, case) == case, "the stored deadline is the next one"
            assert case.status is not CaseStatus.CLOSED or case.next_deadline_at is None
        self.one_promise_stands_for_whom_it_was_made(cases, [promise_of(row) for row in self.run(self.rows(promises))])

    def one_promise_stands_for_whom_it_was_made(self, cases: dict[str, Case], found: list[Promise]) -> None:
        standing = [promise for promise in found if promise.status is PromiseStatus.OPEN]
        assert len({promise.case_id for promise in standing}) == len(standing)
        for promise in standing:
            assert cases[promise.case_id].status is not CaseStatus.CLOSED, "nothing is promised of what is done"
        for promise in found:
            assert (promise.status is PromiseStatus.OPEN) == (promise.settled_at is None)

    @invariant()
    def who_joined_stands_beside_an_owner(self) -> None:
        cases = {case.id: case for case in self.run(self.all_cases())}
        for row in self.run(self.rows(participants)):
            if row.left_at is None:
                assert cases[row.case_id].is_owned
                assert cases[row.case_id].agent_id != row.agent_id

    @invariant()
    def every_linked_case_knows_its_incident(self) -> None:
        links = {(row.incident_id, row.conversation_id) for row in self.run(self.rows(incident_links))}
        for case in self.run(self.all_cases()):
            assert case.incident_id is None or (case.incident_id, case.conversation_id) in links


def test_any_day_keeps_deadlines_promises_and_helpers_in_step_with_the_cases(sqlite_template: Path) -> None:
    """P7, P14, P19, P23."""
    AnyDay.template = sqlite_template
    case = AnyDay.TestCase
    case.settings = settings(max_examples=8, stateful_step_count=50, deadline=None, derandomize=True, database=None)
    case().runTest()

"""However offers, moves by name and absences meet: one owner, one offer, every case within somebody's reach."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from handoff.domain.cases import TRANSITIONS, Case, CaseStatus, Step
from handoff.domain.errors import HandoffError
from handoff.domain.offers import Offer, OfferStatus
from handoff.domain.people import Agent
from handoff.domain.presence import PresenceState
from handoff.services import offers, presence
from handoff.services.absences import return_cases_of_absent
from handoff.services.deadlines import DeadlineWatcher
from handoff.services.merging import merge
from handoff.services.moving import return_to_bot, take_over, transfer_to_agent
from handoff.services.nobody_there import tell_of_nobody, tell_who_is_left_waiting
from handoff.services.offering import offer_waiting
from handoff.services.taking import overridden
from handoff.staff import deactivate_agent
from handoff.store import offers as store
from handoff.store import people
from handoff.store.schema import offers as offer_table
from tests.handoff.cast import ANA, BEA, BEN, GRACE, MAYA, OMAR, STAFF
from tests.handoff.services.test_any_history import TRIED, AnyHistory, Seen

agents = st.sampled_from([ANA, BEN, BEA, GRACE, OMAR])
which_case = st.integers(0, 3)
KEEPS_ITS_PLACE = {
    Step.OFFER,
    Step.DECLINE,
    Step.OFFER_EXPIRE,
    Step.OFFER_WITHDRAW,
    Step.NOBODY,
    Step.NOBODY_THERE,
    Step.ACCEPT,
    Step.RELEASE,
    Step.TAKE_OVER,
    Step.DEADLINE,
    Step.NEXT_UPDATE,
}


class AnyWork(AnyHistory):
    """A customer and a visitor who may be the same person, five of the staff who come and go."""

    identities = (MAYA, None)
    # What test_any_history tries already.
    an_agent_judges = None
    a_customer_rates = None
    the_bot_gives_up = None
    the_bot_answers_some_turn_perhaps_late = None
    a_customer_begins_again = None

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, tuple[datetime, int]] = {}
        self.gone: set[str] = set()

    @initialize()
    def two_customers_begin(self) -> None:
        """Both wait already, and two are there for them: what comes after is what this is about."""
        super().two_customers_begin()
        for talk in self.talks:
            self.run(self.house.hand_over(talk))
        self.run(self.house.arrives(BEN, BEA))

    @rule(agent=agents, here=st.booleans())
    def an_agent_comes_or_goes(self, agent: Agent, here: bool) -> None:
        self.run(self.house.arrives(agent) if here else self.house.leaves(agent))

    @rule(agent=agents, state=st.sampled_from([PresenceState.AWAY, PresenceState.ONLINE]))
    def an_agent_wants_a_pause_or_comes_back(self, agent: Agent, state: PresenceState) -> None:
        self.run(presence.choose_presence(self.house.context, agent, state))

    @rule(agent=agents, answer=st.sampled_from(["accept", "decline", "expire", "wait"]))
    def waiting_cases_are_offered_and_answered_or_not(self, agent: Agent, answer: str) -> None:
        context = self.house.context
        if agent.id not in self.gone:
            self.run(presence.choose_presence(context, agent, PresenceState.ONLINE))
        self.run(offer_waiting(context))
        for offer in self.run(self.all_offers()):
            if offer.status is OfferStatus.PENDING and offer.agent_id == agent.id:
                if answer == "accept":
                    self.attempt(offers.accept_offer(context, offer.id, agent))
                elif answer == "decline":
                    self.attempt(offers.decline_offer(context, offer.id, agent, reason="busy"))
                elif answer == "expire":
                    self.offers_run_out(45)

    @rule(seconds=st.sampled_from([1, 45, 300]))
    def offers_run_out(self, seconds: int) -> None:
        self.house.clock.move(seconds=seconds)
        self.run(offers.expire_offers(self.house.context))

    @rule(which=which_case, yes=st.booleans(), by_the_one_asked=st.booleans())
    def an_offer_is_answered(self, which: int, yes: bool, by_the_one_asked: bool) -> None:
        found = self.run(self.all_offers())
        if found:
            offer = found[which % len(found)]
            agent = next(one for one in STAFF if one.id == offer.agent_id) if by_the_one_asked else OMAR
            if not self.is_on_the_team(agent):
                return
            context = self.house.context
            answer = offers.accept_offer(context, offer.id, agent)
            if not yes:
                answer.close()
                answer = offers.decline_offer(context, offer.id, agent, reason="busy")
            self.attempt(answer)

    @rule(agent=agents, which=which_case, to=agents)
    def a_case_goes_to_a_colleague(self, agent: Agent, which: int, to: Agent) -> None:
        self.step(which, lambda case: transfer_to_agent(self.house.context, case.id, agent, to_agent=to.id, **TRIED))

    @rule(agent=st.sampled_from([BEN, GRACE, OMAR]), which=which_case)
    def a_lead_takes_over(self, agent: Agent, which: int) -> None:
        if self.is_on_the_team(agent):
            self.step(which, lambda case: take_over(self.house.context, case.id, agent, reason="mine"))

    @rule(agent=agents, which=which_case)
    def a_case_goes_back_to_the_bot(self, agent: Agent, which: int) -> None:
        self.step(which, lambda case: return_to_bot(self.house.context, case.id, agent, line="Done", reason=""))

    @rule(agent=agents, which=which_case, into=which_case)
    def a_duplicate_is_merged(self, agent: Agent, which: int, into: int) -> None:
        found = self.run(self.all_cases())
        if found:
            other = found[into % len(found)]
            self.step(which, lambda case: merge(self.house.context, case.id, agent, into=other.id, reason="same"))

    @rule(minutes=st.sampled_from([1, 11, 70]))
    def owners_are_missed(self, minutes: int) -> None:
        self.house.clock.move(minutes=minutes)
        self.run(return_cases_of_absent(self.house.context))

    @rule(minutes=st.sampled_from([0, 2, 700]))
    def who_waits_hears_that_nobody_is_there(self, minutes: int) -> None:
        self.house.clock.move(minutes=minutes)
        self.run(tell_of_nobody(self.house.context))
        self.run(tell_who_is_left_waiting(self.house.context))

    @rule()
    def somebody_leaves_the_team(self) -> None:
        self.run(deactivate_agent(self.db, BEA.email))
        self.run(return_cases_of_absent(self.house.context))
        self.gone.add(BEA.id)

    def is_on_the_team(self, agent: Agent) -> bool:
        return agent.id not in self.gone

    async def all_offers(self) -> list[Offer]:
        async with self.db.read() as db:
            query = offer_table.select().order_by(offer_table.c.offered_at.desc(), offer_table.c.id)
            return [store.offer_of(row) for row in (await db.execute(query)).all()]

    async def staff(self) -> dict[str, Agent]:
        async with self.db.read() as db:
            return {agent.id: agent for agent in await people.active_agents(db)}

    @invariant()
    def work_is_in_order(self) -> None:
        seen, found, staff = self.run(self.look()), self.run(self.all_offers()), self.run(self.staff())
        cases = {case.id: case for case in seen.cases}
        self.one_offer_for_a_waiting_case(cases, found)
        self.every_case_is_within_reach(cases, staff)
        self.no_step_was_illegal(seen)
        self.nobody_loses_their_place(seen)

    def one_offer_for_a_waiting_case(self, cases: dict[str, Case], found: list[Offer]) -> None:
        pending = [offer for offer in found if offer.status is OfferStatus.PENDING]
        assert len({offer.case_id for offer in pending}) == len(pending)
        for offer in pending:
            assert cases[offer.case_id].status is CaseStatus.OPEN
            assert offer.answered_at is None
        for offer in found:
            if offer.status is not OfferStatus.PENDING:
                assert offer.answered_at is not None
        asked = [offer.agent_id for offer in pending if not offer.reserved]
        assert len(set(asked)) == len(asked), "one to answer at a time"

    def every_case_is_within_reach(self, cases: dict[str, Case], staff: dict[str, Agent]) -> None:
        for case in cases.values():
            if case.is_owned:
                assert case.agent_id in staff, "an owner who can sign in"
            elif case.status is CaseStatus.OPEN:
                assert any(self.run(self.may_take(case, agent)) for agent in staff.values())
            elif case.merged_into is not None:
                goes_on = cases[case.merged_into]
                while goes_on.merged_into is not None:
                    goes_on = cases[goes_on.merged_into]
                assert goes_on.id != case.id

    async def may_take(self, case: Case, agent: Agent) -> bool:
        """Whether this one could take it now, with a reason where one is asked for."""
        if case.category not in agent.visible_queues():
            return False
        async with self.db.read() as db:
            try:
                await overridden(self.house.context, db, case, agent, reason="it waits")
            except HandoffError:
                return False
        return True

    def no_step_was_illegal(self, seen: Seen) -> None:
        for case in seen.cases:
            status = CaseStatus.OPEN
            for step in seen.steps[case.id][1:]:
                status = TRANSITIONS[status, step]
            assert status is case.status

    def nobody_loses_their_place(self, seen: Seen) -> None:
        for case in seen.cases:
            steps = seen.steps[case.id]
            if case.id in self.places:
                place, known = self.places[case.id]
                if set(steps[known:]) <= KEEPS_ITS_PLACE:
                    assert case.rank_at == place, "offers cost nobody their place"
            self.places[case.id] = case.rank_at, len(steps)


class WithoutAManager(AnyWork):
    """Nobody of the highest level is left, and what nobody takes goes up by itself."""

    @initialize()
    def two_customers_begin(self) -> None:
        super().two_customers_begin()
        self.run(deactivate_agent(self.db, OMAR.email))
        self.gone.add(OMAR.id)

    @rule(hours=st.sampled_from([1, 9]))
    def deadlines_are_missed(self, hours: int) -> None:
        self.house.clock.move(hours=hours)
        self.run(DeadlineWatcher(self.house.context).look())


def test_without_a_manager_no_case_rises_out_of_everybodys_reach(sqlite_template: Path) -> None:
    """P16, P17."""
    WithoutAManager.template = sqlite_template
    case = WithoutAManager.TestCase
    case.settings = settings(max_examples=10, stateful_step_count=30, deadline=None, derandomize=True, database=None)
    case().runTest()


def test_any_work_keeps_one_owner_one_offer_and_every_case_within_reach(sqlite_template: Path) -> None:
    """P16, P19."""
    AnyWork.template = sqlite_template
    case = AnyWork.TestCase
    case.settings = settings(max_examples=25, stateful_step_count=40, deadline=None, derandomize=True, database=None)
    case().runTest()

"""Cases are put before agents: to the best one, for a while, and back to where they stood (P16; pains 12 and 13)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from handoff.contract import Category
from handoff.domain.assignment import Obstacle
from handoff.domain.cases import Case, CaseStatus, Step
from handoff.domain.errors import AlreadyAccepted, LevelTooLow, NotFound, OfferGone
from handoff.domain.notifications import NotificationKind
from handoff.domain.offers import Offer, OfferStatus
from handoff.domain.people import Agent
from handoff.domain.presence import PresenceState
from handoff.services import offers, presence
from handoff.services.case_steps import accept, release, transfer
from handoff.services.conversations import begin
from handoff.services.events import OfferEnded, OfferMade
from handoff.services.offering import offer_waiting
from handoff.services.workload import who_could_take
from handoff.store import case_events, notifications, people
from handoff.store import cases as case_store
from handoff.store import offers as store
from handoff.store.schema import offers as offer_table
from tests.handoff.cast import BEA, BEN, GRACE, MAYA, OMAR, START, House
from tests.handoff.services.test_case_steps import TRIED


async def pending(house: House, case_id: str) -> Offer | None:
    async with house.db.read() as db:
        return await store.pending_of_case(db, case_id)


async def offered_to(house: House, case_id: str) -> str | None:
    found = await pending(house, case_id)
    return found.agent_id if found else None


async def as_it_is(house: House, case_id: str) -> Case:
    async with house.db.read() as db:
        return await case_store.get_case(db, case_id)


async def steps(house: House, case_id: str) -> list[Step]:
    async with house.db.read() as db:
        return [event.step for event in await case_events.events_of(db, case_id)]


async def told(house: House, agent: Agent) -> list[NotificationKind]:
    async with house.db.read() as db:
        return [one.kind for one in await notifications.notifications_of(db, agent.id)]


async def change(house: House, agent: Agent, **changes: object) -> Agent:
    changed: Agent = replace(agent, **changes)  # type: ignore[arg-type]
    async with house.db.write() as db:
        await people.save_agent(db, changed, password_hash="none")
    return changed


async def expire(house: House, seconds: float = 45) -> int:
    house.clock.move(seconds=seconds)
    await house.arrives(BEN, BEA)
    return await offers.expire_offers(house.context)


async def test_nobody_at_the_desk_is_offered_nothing(house: House) -> None:
    """P16: never to nobody."""
    _, case_id = await house.case()
    assert await offer_waiting(house.context) == 0
    for state in (PresenceState.AWAY, PresenceState.DO_NOT_DISTURB):
        await presence.choose_presence(house.context, BEN, state)
        assert await offer_waiting(house.context) == 0
    await presence.choose_presence(house.context, BEN, PresenceState.ONLINE)
    assert await offer_waiting(house.context) == 1
    assert await offered_to(house, case_id) == BEN.id


async def test_a_round_over_many_cases_ends_at_once_when_the_service_stops(house: House) -> None:
    cases = [await house.hand_over(await house.begin(None)) for _ in range(3)]
    await house.arrives(BEN, BEA)
    answers = iter((True, False))
    assert await offer_waiting(house.context, going=lambda: next(answers)) == 1
    assert [await steps(house, case_id) for case_id in cases] == [[Step.OPEN, Step.OFFER], [Step.OPEN], [Step.OPEN]]


async def test_an_offer_is_told_to_its_agent_and_stands_in_the_history(house: House) -> None:
    _, case_id = await house.case()
    await house.arrives(BEN)
    house.published.clear()
    assert await offer_waiting(house.context) == 1
    assert await offer_waiting(house.context) == 0, "one pending offer a case"
    (made,) = [e for e in house.published if isinstance(e, OfferMade)]

    assert (made.offer.agent_id, made.offer.seconds_left(START)) == (BEN.id, 45)
    assert await steps(house, case_id) == [Step.OPEN, Step.OFFER]
    taken = await offers.accept_offer(house.context, made.offer.id, BEN)
    assert (taken.status, taken.agent_id) == (CaseStatus.ACTIVE, BEN.id)
    (ended,) = [e for e in house.published if isinstance(e, OfferEnded)]
    assert ended.offer.status is OfferStatus.ACCEPTED
    assert await offers.accept_offer(house.context, made.offer.id, BEN) == taken, "accepting again changes nothing"


async def test_the_front_of_the_queue_goes_to_the_one_with_most_room(house: House) -> None:
    cases = [await house.hand_over(await house.begin(None)) for _ in range(2)]
    await accept(house.context, cases[0], BEN)
    urgent = await house.hand_over(await house.begin(None), severity=1)
    await house.arrives(BEN, BEA)
    assert await offer_waiting(house.context) == 2
    assert await offered_to(house, urgent) == BEA.id, "she has nothing to do"
    assert await offered_to(house, cases[1]) == BEN.id


async def test_capacity_counts_weight_and_pending_offers(house: House) -> None:
    await change(house, BEN, capacity=3)
    heavy = await house.hand_over(await house.begin(None), severity=1)
    await house.arrives(BEN)
    await accept(house.context, heavy, BEN)
    assert (await as_it_is(house, heavy)).weight == 3
    other = await house.hand_over(await house.begin(None))
    assert await offer_waiting(house.context) == 0
    async with house.db.read() as db:
        _, choice = await who_could_take(house.context, db, await case_store.get_case(db, other))
    assert choice.obstacles[BEN.id] == (Obstacle.ROOM,)
    assert choice.obstacles[BEA.id] == (Obstacle.OFFLINE,)
    assert (await accept(house.context, other, BEN)).agent_id == BEN.id, "taking is one's own decision"


def where_is_my_order_needs_repairs(house: House) -> None:
    """What the cases of the tests are about needs a skill that nobody has yet."""
    policy = house.context.policy
    repairs = policy.assignment.skills["repairs"].model_copy(update={"topics": ("order_status",)})
    assignment = policy.assignment.model_copy(update={"skills": {"repairs": repairs}})
    object.__setattr__(house.context, "policy", policy.model_copy(update={"assignment": assignment}))


async def test_a_topic_that_needs_a_skill_goes_to_who_has_it(house: House) -> None:
    where_is_my_order_needs_repairs(house)
    _, case_id = await house.case()
    assert (await as_it_is(house, case_id)).skills == ("repairs",)
    await house.arrives(BEN, BEA)
    assert await offer_waiting(house.context) == 0
    await change(house, BEA, skills=("repairs",))
    assert await offer_waiting(house.context) == 1
    assert await offered_to(house, case_id) == BEA.id


async def test_an_expired_offer_goes_back_to_its_place_and_to_the_next_agent(house: House) -> None:
    """Pain 13: an accept timer, and the original position."""
    _, case_id = await house.case()
    before = await as_it_is(house, case_id)
    await house.arrives(BEA, BEN)
    await offer_waiting(house.context)
    asked = await offered_to(house, case_id)
    assert await expire(house, 44) == 0
    assert await expire(house, 1) == 1
    after = await as_it_is(house, case_id)

    assert (after.rank_at, after.queued_at, after.status) == (before.rank_at, before.queued_at, CaseStatus.OPEN)
    assert await offer_waiting(house.context) == 1
    assert {asked, await offered_to(house, case_id)} == {BEN.id, BEA.id}
    assert await steps(house, case_id) == [Step.OPEN, Step.OFFER, Step.OFFER_EXPIRE, Step.OFFER]


async def test_a_declined_offer_says_why_and_comes_back_to_nobody_who_declined_it_for_a_while(house: House) -> None:
    _, case_id = await house.case()
    await house.arrives(BEN)
    await offer_waiting(house.context)
    offer = await pending(house, case_id)
    assert offer is not None
    with pytest.raises(NotFound):
        await offers.decline_offer(house.context, offer.id, BEA, reason="not mine")
    await offers.decline_offer(house.context, offer.id, BEN, reason="I know the customer")
    async with house.db.read() as db:
        event = (await case_events.events_of(db, case_id))[-1]

    assert (event.step, event.actor_name, event.text) == (Step.DECLINE, BEN.name, "I know the customer")
    assert await offer_waiting(house.context) == 0
    with pytest.raises(OfferGone) as gone:
        await offers.accept_offer(house.context, offer.id, BEN)
    assert gone.value.data == {"status": "declined"}
    assert (await accept(house.context, case_id, BEN)).agent_id == BEN.id, "they may still take it"


async def test_who_lets_offers_run_out_in_a_row_is_away_and_is_told(house: House) -> None:
    await house.arrives(BEN)
    for _ in range(2):
        await house.hand_over(await house.begin(None))
    for count in (1, 2):
        assert await offer_waiting(house.context) == 1
        house.clock.move(seconds=45)
        await house.arrives(BEN)
        assert await offers.expire_offers(house.context) == 1
        assert (await told(house, BEN)).count(NotificationKind.SET_AWAY) == (count == 2)
    colleagues = {one.agent.id: one.state for one in await presence.colleagues(house.context)}
    assert colleagues[BEN.id] is PresenceState.AWAY
    await house.hand_over(await house.begin(None))
    assert await offer_waiting(house.context) == 0
    await presence.choose_presence(house.context, BEN, PresenceState.ONLINE)
    assert await offer_waiting(house.context) == 1
    house.clock.move(seconds=45)
    await house.arrives(BEN)
    await offers.expire_offers(house.context)
    assert (await told(house, BEN)).count(NotificationKind.SET_AWAY) == 1, "the row begins anew with coming back"


async def test_who_takes_a_case_that_is_offered_to_another_wins_and_the_other_is_told(house: House) -> None:
    _, case_id = await house.case()
    await house.arrives(BEN)
    await offer_waiting(house.context)
    offer = await pending(house, case_id)
    assert offer is not None
    assert (await accept(house.context, case_id, BEA)).agent_id == BEA.id
    async with house.db.read() as db:
        (line,) = await notifications.notifications_of(db, BEN.id)

    assert (line.kind, line.text) == (NotificationKind.OFFER_LOST, f"WL-1001 was taken by {BEA.name}")
    with pytest.raises(AlreadyAccepted, match=BEA.name):
        await offers.accept_offer(house.context, offer.id, BEN)
    assert await steps(house, case_id) == [Step.OPEN, Step.OFFER, Step.ACCEPT, Step.OFFER_WITHDRAW]


async def test_a_case_that_goes_elsewhere_takes_its_offer_along(house: House) -> None:
    _, case_id = await house.case()
    await house.arrives(BEN)
    await offer_waiting(house.context)
    await transfer(house.context, case_id, BEA, category=Category.BILLING, **TRIED)
    assert await pending(house, case_id) is None
    assert await offer_waiting(house.context) == 0, "Ben does not serve that queue"


async def test_after_enough_tries_a_case_waits_to_be_taken(house: House) -> None:
    _, case_id = await house.case()
    for _ in range(house.context.policy.offers.tries):
        for agent in (BEN, BEA):
            await presence.choose_presence(house.context, agent, PresenceState.ONLINE)
        assert await offer_waiting(house.context) == 1
        await expire(house)
        house.clock.move(minutes=11)
    await presence.choose_presence(house.context, BEN, PresenceState.ONLINE)
    assert await offer_waiting(house.context) == 0
    await accept(house.context, case_id, BEN)
    await release(house.context, case_id, BEN, reason="lunch")
    async with house.db.read() as db:
        assert len(await store.last_offers_of(db, BEN.id, limit=9)) + len(
            await store.last_offers_of(db, BEA.id, limit=9)
        ) == (house.context.policy.offers.tries)


async def test_while_everybody_is_asked_already_no_waiting_case_is_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many wait, a round without anybody to ask costs the same."""
    for _ in range(3):
        await house.hand_over(await house.begin(None))
    await house.arrives(BEN)
    assert await offer_waiting(house.context) == 1

    async def read(*_: object, **__: object) -> None:
        raise AssertionError("a waiting case was read")

    monkeypatch.setattr(store, "front_without_offer", read)
    assert await offer_waiting(house.context) == 0


async def test_a_case_goes_to_somebody_who_speaks_the_language_of_the_page(house: House) -> None:
    async with house.db.write() as db:
        await people.save_agent(db, replace(BEA, languages=("en", "de")), password_hash="none")
    await house.arrives(BEN, BEA)
    begun = await begin(house.context, identity=MAYA, language="de-AT")
    case_id = await house.hand_over(begun.conversation)
    await offer_waiting(house.context)

    async with house.db.read() as db:
        pending = await store.pending_of_case(db, case_id)
    assert pending is not None
    assert pending.agent_id == BEA.id


async def test_the_next_best_is_the_lead_once_the_team_had_its_time(house: House) -> None:
    _, case_id = await house.case(level=2)
    await house.arrives(BEN, GRACE)
    assert await offer_waiting(house.context) == 0
    house.clock.move(minutes=2)
    await house.arrives(BEN, GRACE)
    assert await offer_waiting(house.context) == 1
    assert await offered_to(house, case_id) == GRACE.id
    with pytest.raises(LevelTooLow):
        await accept(house.context, case_id, BEN)


async def test_a_level_below_may_take_what_it_is_offered_and_nothing_else(house: House) -> None:
    """P16: the next best by the matrix, where the policy says so."""
    policy = house.context.policy
    assignment = policy.assignment.model_copy(update={"next_best": ("level_below", "lead")})
    object.__setattr__(house.context, "policy", policy.model_copy(update={"assignment": assignment}))
    _, case_id = await house.case(level=2)
    house.clock.move(minutes=2)
    await house.arrives(BEN, GRACE)
    assert await offer_waiting(house.context) == 1
    assert await offered_to(house, case_id) == BEN.id
    with pytest.raises(LevelTooLow):
        await accept(house.context, case_id, BEA)
    assert (await accept(house.context, case_id, BEN)).agent_id == BEN.id


async def test_of_two_who_accept_at_once_one_wins_and_the_other_hears_by_whom(house: House) -> None:
    """P19: on PostgreSQL truly at once."""
    for _ in range(4):
        conversation = await house.begin(None)
        case_id = await house.hand_over(conversation)
        await presence.choose_presence(house.context, BEN, PresenceState.ONLINE)
        await offer_waiting(house.context)
        offer = await pending(house, case_id)
        assert offer is not None
        done = await asyncio.gather(
            offers.accept_offer(house.context, offer.id, BEN),
            accept(house.context, case_id, BEA),
            return_exceptions=True,
        )
        winners = [one.agent_id for one in done if isinstance(one, Case)]
        losers = [one for one in done if isinstance(one, AlreadyAccepted)]
        assert (len(winners), len(losers)) == (1, 1), done
        assert (await house.now(conversation)).owner.agent_id == winners[0]
        await release(house.context, case_id, OMAR, reason="next round")
        await transfer(house.context, case_id, OMAR, category=Category.PLAN, **TRIED)


async def test_accepting_as_the_time_runs_out_either_wins_or_hears_that_it_is_over(house: House) -> None:
    for _ in range(4):
        conversation = await house.begin(None)
        case_id = await house.hand_over(conversation)
        await presence.choose_presence(house.context, BEN, PresenceState.ONLINE)
        await offer_waiting(house.context)
        offer = await pending(house, case_id)
        assert offer is not None
        house.clock.move(seconds=45)
        taken, expired = await asyncio.gather(
            offers.accept_offer(house.context, offer.id, BEN),
            offers.expire_offers(house.context),
            return_exceptions=True,
        )
        async with house.db.read() as db:
            ended = await store.get_offer(db, offer.id)
        case = await as_it_is(house, case_id)
        assert case.is_owned == isinstance(taken, Case)
        assert isinstance(taken, Case | OfferGone), taken
        assert (ended.status is OfferStatus.EXPIRED) == (expired == 1)
        await transfer(house.context, case_id, OMAR, category=Category.PLAN, **TRIED)


async def test_two_nodes_that_offer_at_once_make_one_offer_a_case_and_never_overfill_an_agent(house: House) -> None:
    await change(house, BEN, capacity=2)
    for _ in range(4):
        await house.hand_over(await house.begin(None))
    await house.arrives(BEN, BEA)
    made = await asyncio.gather(*(offer_waiting(house.context) for _ in range(4)))
    async with house.db.read() as db:
        rows = (await db.execute(offer_table.select())).all()

    assert sum(made) == len(rows) == 2
    assert {row.agent_id for row in rows} == {BEN.id, BEA.id}, "one offer to answer at a time"
    assert len({row.case_id for row in rows}) == 2

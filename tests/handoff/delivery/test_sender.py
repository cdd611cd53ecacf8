"""The outbox: written with what happened, delivered at least once, given up and sent again (P24)."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from aiohttp import web

from handoff.domain.actors import SYSTEM, Actor
from handoff.domain.cases import Step
from handoff.domain.errors import NotFound
from handoff.domain.notifications import NotificationKind
from handoff.domain.outbox import Delivery, DeliveryStatus, EventName, Filter, Outcome
from handoff.services import case_steps, webhooks
from handoff.services.events import AgentsNotified
from handoff.store import outbox as store
from tests.handoff.cast import BEN, GRACE, OMAR, House
from tests.handoff.delivery.receiver import receiving, sending, webhook_to


async def all_deliveries(house: House) -> tuple[Delivery, ...]:
    async with house.db.read() as db:
        return await store.list_deliveries(db, Filter(status=None))


async def test_what_happens_is_told_and_marked_as_sent(house: House) -> None:
    async with receiving() as receiver, sending(house) as sender:
        await webhook_to(house, receiver)
        _, case_id = await house.case()
        await case_steps.accept(house.context, case_id, BEN)
        await sender.send_due()

        told = [json.loads(got.body) for got in receiver.got]
        assert {body["event"] for body in told} == {"case.opened", "case.assigned"}
        assert {body["case"]["id"] for body in told} == {case_id}
        assert {one.status for one in await all_deliveries(house)} == {DeliveryStatus.SENT}
        assert await sender.send_due() == 0


async def test_a_step_that_is_undone_tells_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as receiver:
        await webhook_to(house, receiver, EventName.CASE_ASSIGNED)
        _, case_id = await house.case()

        async def fail(*_: object, **__: object) -> None:
            raise RuntimeError("the disk is full")

        monkeypatch.setattr(case_steps, "tell", fail)
        with pytest.raises(RuntimeError):
            await case_steps.accept(house.context, case_id, BEN)

        assert await all_deliveries(house) == ()


async def test_only_the_events_that_a_webhook_asks_for_are_queued(house: House) -> None:
    async with receiving() as receiver:
        await webhook_to(house, receiver, EventName.CASE_RESOLVED)
        await house.case()

        assert await all_deliveries(house) == ()


async def test_two_processes_never_send_the_same_attempt(house: House) -> None:
    async with receiving() as receiver, sending(house) as one, sending(house) as other:
        await webhook_to(house, receiver, EventName.CASE_OPENED)
        for _ in range(6):
            await house.case()
            await house.hand_over(await house.begin(None))

        made = await asyncio.gather(one.send_due(), other.send_due())

        ids = [got.headers["Warmline-Event-Id"] for got in receiver.got]
        assert len(ids) == len(set(ids)) == sum(made) == 7


async def test_what_was_sent_but_not_marked_before_a_crash_is_sent_again_under_the_same_id(house: House) -> None:
    async def die(_outcome: Outcome) -> None:
        raise asyncio.CancelledError

    async with receiving() as receiver, sending(house) as alive:
        await webhook_to(house, receiver, EventName.CASE_OPENED)
        await house.case()
        async with sending(house, after_send=die) as dying:
            with pytest.raises(asyncio.CancelledError):
                await dying.send_due()

        assert await alive.send_due() == 0, "the claim of the dead process still holds"
        house.clock.move(minutes=3)
        assert await alive.send_due() == 1

        first, second = receiver.got
        assert first.body == second.body
        assert (first.headers["Warmline-Attempt"], second.headers["Warmline-Attempt"]) == ("1", "2")


async def test_a_late_finisher_does_not_overwrite_what_the_next_process_wrote(house: House) -> None:
    async with receiving() as receiver:
        await webhook_to(house, receiver, EventName.CASE_OPENED)
        await house.case()
        now = house.clock()
        async with house.db.write() as db:
            (slow,) = await store.claim_due(db, claim="slow", now=now, until=now + timedelta(minutes=2), limit=9)
        house.clock.move(minutes=3)
        now = house.clock()
        async with house.db.write() as db:
            (_quick,) = await store.claim_due(db, claim="quick", now=now, until=now + timedelta(minutes=2), limit=9)
        async with house.db.write() as db:
            assert not await store.save_result(db, slow)


async def test_a_receiver_that_is_down_is_tried_later_and_then_told(house: House) -> None:
    async with receiving() as receiver, sending(house) as sender:
        await webhook_to(house, receiver, EventName.CASE_OPENED)
        receiver.answers = [web.Response(status=503, text="closed for lunch")]
        await house.case()
        await sender.send_due()

        (waiting,) = await all_deliveries(house)
        assert waiting.status is DeliveryStatus.PENDING
        assert waiting.error == "HTTP 503: closed for lunch"
        assert timedelta(seconds=5) <= waiting.next_try_at - house.clock() <= timedelta(seconds=10)
        assert await sender.send_due() == 0

        house.clock.move(seconds=10)
        assert await sender.send_due() == 1
        assert [one.status for one in await all_deliveries(house)] == [DeliveryStatus.SENT]


async def test_after_the_last_attempt_supervisors_are_told_once_and_can_send_again(house: House) -> None:
    async with receiving() as receiver, sending(house) as sender:
        await webhook_to(house, receiver, EventName.CASE_OPENED, EventName.CASE_ASSIGNED)
        _, case_id = await house.case()
        await case_steps.accept(house.context, case_id, BEN)
        for _ in range(15):
            receiver.answers = [web.Response(status=500), web.Response(status=500)]
            await sender.send_due()
            house.clock.move(hours=1)

        dead = await all_deliveries(house)
        assert {(one.status, one.attempts) for one in dead} == {(DeliveryStatus.DEAD, 15)}
        told = [n for e in house.published if isinstance(e, AgentsNotified) for n in e.notifications]
        assert sorted(n.agent_id for n in told) == sorted([GRACE.id, OMAR.id])
        assert {n.kind for n in told} == {NotificationKind.DELIVERY_FAILED}

        receiver.answers = []
        assert await webhooks.send_again(house.context, Actor.of_agent(GRACE), dead[0].id) == 1
        assert await webhooks.send_again(house.context, SYSTEM) == 1
        await sender.send_due()
        assert {one.status for one in await all_deliveries(house)} == {DeliveryStatus.SENT}


async def test_what_the_receiver_refuses_for_good_is_not_tried_again(house: House) -> None:
    async with receiving() as receiver, sending(house) as sender:
        await webhook_to(house, receiver, EventName.CASE_OPENED)
        receiver.answers = [web.Response(status=410)]
        await house.case()
        await sender.send_due()

        assert [(one.status, one.attempts) for one in await all_deliveries(house)] == [(DeliveryStatus.DEAD, 1)]


async def test_a_receiver_that_hangs_holds_up_nobody_else(house: House) -> None:
    async with receiving() as hanging, receiving() as quick:
        hanging.gate = asyncio.Event()
        await webhook_to(house, hanging, EventName.CASE_OPENED, name="hanging")
        async with sending(house) as sender:
            for _ in range(12):
                await house.hand_over(await house.begin(None))
            loop = asyncio.create_task(sender.keep_sending())
            await asyncio.wait_for(hanging.came.wait(), 5)
            await webhook_to(house, quick, EventName.CASE_OPENED, name="quick")
            await house.hand_over(await house.begin(None))
            await asyncio.wait_for(quick.came.wait(), 5)
            assert len(hanging.got) < 12
            hanging.gate.set()
            await sender.close()
            await loop


async def test_a_removed_webhook_is_told_nothing_more(house: House) -> None:
    async with receiving() as receiver, sending(house) as sender:
        webhook = await webhook_to(house, receiver, EventName.CASE_OPENED)
        await house.case()
        await webhooks.remove_webhook(house.context, SYSTEM, webhook.id)
        await house.hand_over(await house.begin(None))

        assert await sender.send_due() == 0
        assert receiver.got == []
        assert [one.status for one in await all_deliveries(house)] == [DeliveryStatus.NOT_NEEDED]
        with pytest.raises(NotFound):
            await webhooks.remove_webhook(house.context, SYSTEM, webhook.id)


async def test_what_arrived_is_forgotten_after_a_month_and_dead_letters_stay(house: House) -> None:
    async with receiving() as receiver, sending(house) as sender:
        await webhook_to(house, receiver, EventName.CASE_OPENED)
        receiver.answers = [web.Response(status=410)]
        await house.case()
        await sender.send_due()
        await house.hand_over(await house.begin(None))
        await sender.send_due()
        house.clock.move(days=31)
        await sender.send_due()

        assert [one.status for one in await all_deliveries(house)] == [DeliveryStatus.DEAD]


def test_every_step_that_customers_or_owners_notice_has_an_event() -> None:
    from handoff.services.telling import _EVENTS

    silent = {
        *(Step.NOTE, Step.JUDGE, Step.OFFER, Step.DECLINE, Step.OFFER_EXPIRE, Step.OFFER_WITHDRAW),
        *(Step.DEADLINE, Step.CONTEXT, Step.CONTACT, Step.AUTHORITY, Step.INCIDENT, Step.EXTERNAL, Step.FOLLOW_UP),
        *(
            Step.PROPOSE,
            Step.MERGED_IN,
            Step.FLAG,
            Step.UNFLAG,
            Step.JOIN,
            Step.LEAVE,
            Step.LANGUAGE,
            Step.NOBODY_THERE,
        ),
    }
    assert set(_EVENTS) == set(Step) - silent

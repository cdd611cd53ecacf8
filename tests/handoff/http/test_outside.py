"""Webhooks, dead letters and notifications over the agent API."""

from __future__ import annotations

import pytest
from aiohttp import web

from handoff.domain.notifications import NotificationKind
from handoff.domain.people import Agent
from handoff.http.outside import WEBHOOK_CLIENT
from handoff.services.notifications import notify
from tests.handoff.cast import BEN, GRACE, IMANI, OMAR, until
from tests.handoff.delivery.receiver import receiving
from tests.handoff.service import AGENT, Desk, Service, call
from warmline.settings import Settings

BODY = {"name": "crm", "url": "https://93.184.216.34/hook", "events": ["case.opened"]}


@pytest.fixture
def open_to_this_machine(settings_of_the_test: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Webhooks may go to the receiver of the test."""
    object.__setattr__(settings_of_the_test, "webhooks_to_private_networks", True)


async def test_an_admin_registers_a_webhook_and_its_secret_is_shown_once(service: Service) -> None:
    omar = await service.agent(OMAR)
    made = await omar.post("/webhooks", BODY)
    assert made.status == 201
    assert len(made.body["secret"]) >= 32
    listed = await omar.get("/webhooks")

    assert listed.body == {"webhooks": [made.body["webhook"]]}
    assert made.body["secret"] not in str(listed.body)


@pytest.mark.parametrize("who", [BEN, GRACE, IMANI])
async def test_only_admins_decide_what_other_systems_are_told(service: Service, who: Agent) -> None:
    desk = await service.agent(who)

    for answer in (
        await desk.get("/webhooks"),
        await desk.post("/webhooks", BODY),
        await desk.post("/webhooks/x/test"),
    ):
        assert (answer.status, answer.code) == (403, "not_allowed")


async def test_only_supervisors_look_after_what_is_told_outside(service: Service) -> None:
    ben, grace = await service.agent(BEN), await service.agent(GRACE)

    assert (await ben.get("/outbox")).status == 403
    assert (await ben.post("/outbox/resend")).status == 403
    assert (await grace.get("/outbox")).body == {"deliveries": []}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "https://127.0.0.1/hook"}, "url"),
        ({"url": "http://example.com/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["case.exploded"]}, "events.0"),
        ({"events": ["webhook.test"]}, "events.0"),
        ({"name": " "}, "name"),
        ({"secret": "short"}, "secret"),
        ({"format": "teams"}, "format"),
    ],
)
async def test_what_cannot_be_a_webhook_is_refused_with_the_field(
    service: Service, change: dict[str, object], field: str
) -> None:
    omar = await service.agent(OMAR)

    answer = await omar.post("/webhooks", {**BODY, **change})

    assert (answer.status, answer.code) == (422, "bad_value")
    assert answer.body["error"]["data"]["field"] == field


@pytest.mark.usefixtures("open_to_this_machine")
async def test_a_case_is_told_to_a_registered_system_while_the_service_runs(service: Service) -> None:
    assert service.server.app[WEBHOOK_CLIENT].allow_private
    omar, maya = await service.agent(OMAR), await service.customer()
    async with receiving() as receiver:
        made = await omar.post("/webhooks", {**BODY, "url": receiver.url})
        webhook_id = made.body["webhook"]["id"]
        tried = await omar.post(f"/webhooks/{webhook_id}/test")
        assert tried.body == {"delivered": True, "error": None}
        await service.case(maya)

        async def told() -> bool:
            return len(receiver.got) == 2

        await until(told)
        assert [got.headers["Warmline-Event"] for got in receiver.got] == ["webhook.test", "case.opened"]
        assert (await call_delete(omar, f"/webhooks/{webhook_id}")) == 204
        assert (await omar.get("/webhooks")).body == {"webhooks": []}
        assert (await omar.post(f"/webhooks/{webhook_id}/test")).status == 404


async def call_delete(desk: Desk, path: str) -> int:
    return (await call(desk.session, "DELETE", AGENT + path, headers={"X-CSRF-Token": desk.csrf})).status


@pytest.mark.usefixtures("open_to_this_machine")
async def test_a_dead_letter_is_seen_and_sent_again_by_a_supervisor(service: Service) -> None:
    omar, grace, maya = await service.agent(OMAR), await service.agent(GRACE), await service.customer()
    stream = await grace.stream()
    async with receiving() as receiver:
        receiver.answers = [web.Response(status=410, text="we moved")]
        await omar.post("/webhooks", {**BODY, "url": receiver.url})
        await service.case(maya)
        told = await stream.until("notification")
        assert told["notification"]["kind"] == "delivery_failed"
        (dead,) = (await grace.get("/outbox")).body["deliveries"]
        assert (dead["event"], dead["attempts"], dead["error"]) == ("case.opened", 1, "HTTP 410: we moved")

        assert (await grace.post(f"/outbox/{dead['id']}/resend")).body == {"count": 1}

        async def arrived() -> bool:
            return bool((await grace.get("/outbox", params={"status": "sent"})).body["deliveries"])

        await until(arrived)
        assert (await grace.post(f"/outbox/{dead['id']}/resend")).status == 404
        assert (await grace.post("/outbox/nothing/resend")).status == 404
        assert (await grace.post("/outbox/resend")).body == {"count": 0}


async def tell(service: Service, *agent_ids: str, kind: NotificationKind = NotificationKind.LOW_RATING) -> None:
    context = service.parts.context
    async with context.db.write() as db:
        events = await notify(context, db, agent_ids, kind, values={"stars": 2})
    context.publish(events)


async def test_what_one_was_told_is_listed_newest_first_and_read_one_by_one(service: Service) -> None:
    ben = await service.agent(BEN)
    await tell(service, BEN.id)
    service.clock.move(seconds=1)
    await tell(service, BEN.id, GRACE.id, kind=NotificationKind.OFFER_LOST)

    listed = (await ben.get("/notifications")).body
    assert [one["kind"] for one in listed["notifications"]] == ["offer_lost", "low_rating"]
    assert listed["unread"] == 2

    newest = listed["notifications"][0]["id"]
    assert (await ben.post(f"/notifications/{newest}/read")).body == {"count": 1}
    assert (await ben.post(f"/notifications/{newest}/read")).body == {"count": 0}
    left = (await ben.get("/notifications", params={"unread": "true"})).body
    assert [one["kind"] for one in left["notifications"]] == ["low_rating"]
    assert (await ben.post("/notifications/read")).body == {"count": 1}
    assert (await ben.get("/notifications")).body["unread"] == 0


async def test_the_snapshot_says_how_much_is_unread(service: Service) -> None:
    ben = await service.agent(BEN)
    await tell(service, BEN.id)

    assert (await ben.stream()).first["unread_notifications"] == 1


async def test_nobody_reads_or_marks_what_others_were_told(service: Service) -> None:
    ben, grace = await service.agent(BEN), await service.agent(GRACE)
    await tell(service, GRACE.id)
    (hers,) = (await grace.get("/notifications")).body["notifications"]

    assert (await ben.get("/notifications")).body == {"notifications": [], "unread": 0}
    assert (await ben.post(f"/notifications/{hers['id']}/read")).status == 404
    assert (await grace.get("/notifications")).body["unread"] == 1


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"unread": "maybe"}])
async def test_what_is_asked_wrongly_is_refused(service: Service, query: dict[str, str]) -> None:
    ben = await service.agent(BEN)

    assert (await ben.get("/notifications", params=query)).code == "bad_value"


async def test_one_chooses_how_one_is_told_and_the_open_desk_follows(service: Service) -> None:
    """P24."""
    ben = await service.agent(BEN)
    usual = (await ben.get("/preferences")).body
    body = {"notices": {"low_rating": {"sound": True}, "offer_lost": {"desk": False}}, "quiet_when_away": False}
    chosen = (await ben.post("/preferences", body)).body["preferences"]
    stream = await ben.stream()
    await tell(service, BEN.id, kind=NotificationKind.OFFER_LOST)
    await tell(service, BEN.id)
    frame = await stream.until("notification")

    assert (usual["mail_possible"], usual["preferences"]["quiet_when_away"]) == (False, False)
    assert {one["kind"] for one in usual["preferences"]["notices"]} == set(NotificationKind)
    assert [one for one in usual["preferences"]["notices"] if one["kind"] == "deadline_missed"] == [
        {"kind": "deadline_missed", "mail": True, "desk": True, "sound": False, "chosen": []}
    ]
    assert [one for one in chosen["notices"] if one["chosen"]] == [
        {"kind": "offer_lost", "mail": False, "desk": False, "sound": False, "chosen": ["desk"]},
        {"kind": "low_rating", "mail": False, "desk": True, "sound": True, "chosen": ["sound"]},
    ]
    assert (frame["notification"]["kind"], frame["announced"], frame["sound"]) == ("low_rating", True, True)
    listed = (await ben.get("/notifications")).body
    assert ({one["kind"] for one in listed["notifications"]}, listed["unread"]) == ({"offer_lost", "low_rating"}, 1)
    wrong = await ben.post("/preferences", {"notices": {"weather": {"mail": True}}})
    assert (wrong.status, wrong.code) == (422, "bad_value")

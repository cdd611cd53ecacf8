"""What a monitoring system reads: the numbers are right, only for who has the secret, and never what people wrote."""

from __future__ import annotations

import re

import pytest

from handoff.contract import Category, HandoffReason
from handoff.store.database import Database
from tests.handoff.cast import BEN, GRACE
from tests.handoff.service import Service, call

ALLOWED_LABELS = {
    "sender": {"customer", "bot", "agent", "system"},
    "side": {"customer", "agent"},
    "category": set(Category),
    "reason": set(HandoffReason),
    "status": {"pending", "dead"},
}


async def scraped(service: Service) -> str:
    secret = service.parts.metrics_secret
    answer = await service.call("GET", "/metrics", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return str(answer.body.decode())


def value(page: str, name: str) -> float:
    return next(float(line.rsplit(" ", 1)[1]) for line in page.splitlines() if line.startswith(f"{name} "))


async def test_the_numbers_follow_what_happens(service: Service) -> None:
    maya, ben = await service.customer(), await service.agent(BEN)
    case_id = await service.case(maya)
    service.clock.move(minutes=3)
    waiting = await scraped(service)
    await ben.post(f"/cases/{case_id}/accept")
    accepted = await scraped(service)

    queue = 'category="orders_delivery"'
    assert value(waiting, f"warmline_cases_waiting{{{queue}}}") == 1
    assert value(waiting, f"warmline_oldest_wait_seconds{{{queue}}}") == 180
    assert value(waiting, 'warmline_handoffs_last_day{reason="explicit_request"}') == 1
    assert value(waiting, 'warmline_messages_total{sender="customer"}') == 1
    assert value(waiting, "warmline_turns_total") == 1
    assert value(accepted, f"warmline_cases_waiting{{{queue}}}") == 0
    assert value(accepted, f"warmline_cases_owned{{{queue}}}") == 1
    assert value(accepted, "warmline_accept_wait_seconds") == 180
    assert value(accepted, "warmline_database_statement_seconds_count") > 10
    assert value(accepted, "warmline_turns_pending") == 0


async def test_open_sockets_are_counted_by_side(service: Service) -> None:
    maya, ben = await service.customer(), await service.agent(BEN)
    widget, desk = await maya.stream(), await ben.stream()

    page = await scraped(service)
    await widget.close()
    await desk.close()

    assert value(page, 'warmline_sockets{side="customer"}') == 1
    assert value(page, 'warmline_sockets{side="agent"}') == 1


async def test_nobody_reads_them_without_their_own_secret_and_it_opens_nothing_else(service: Service) -> None:
    assert (await service.call("GET", "/metrics")).code == "token_invalid"
    for other in ("wrong", service.parts.internal_secret):
        refused = await service.call("GET", "/metrics", headers={"Authorization": f"Bearer {other}"})
        assert (refused.status, refused.code) == (401, "token_invalid")
    grace = await service.agent(GRACE)
    assert (await call(grace.session, "GET", "/metrics")).code == "token_invalid", "an admin's session is not enough"

    own = {"Authorization": f"Bearer {service.parts.metrics_secret}"}
    for method, path in (
        ("POST", "/internal/v1/cases"),
        ("GET", "/api/integration/v1/key"),
        ("GET", "/api/agent/v1/session"),
    ):
        assert (await service.call(method, path, headers=own, json={})).status == 401, path


async def test_the_health_page_is_for_everybody_and_fails_with_the_database(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = await service.call("GET", "/health")
    assert (well.status, well.body["status"]) == (200, "ok")

    def refuse(_: Database) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as gone:
        gone.setattr(Database, "read", refuse)
        broken = await service.call("GET", "/health")
    assert (broken.status, (await service.call("GET", "/health")).status) == (500, 200)


async def test_labels_come_from_fixed_lists_and_nothing_that_people_wrote_is_in_them(service: Service) -> None:
    maya = await service.customer()
    await maya.say("my secret is hunter2")
    await service.case(maya)

    page = await scraped(service)

    assert "hunter2" not in page
    assert maya.conversation_id not in page
    assert len(page.splitlines()) < 200, "as many series after a thousand conversations as after one"
    found = re.findall(r'(\w+)="([^"]*)"', page)
    assert found
    for label, given in found:
        assert label == "le" or given in ALLOWED_LABELS[label], (label, given)

"""The demo's customers and agents talk to the real service by its two protocols; the demo is refused where none is."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random

import pytest
from sqlalchemy import select

from handoff.demo import load_demo_people
from handoff.past.talks import PAGE
from handoff.services.offering import offer_waiting
from handoff.store.schema import agent_sessions, cases, conversations
from tests.handoff.cast import POLICY, until
from tests.handoff.service import Service
from warmline.cli import main
from warmline.demo.people import Customer, Desk, Stage
from warmline.demo.scripts import LiveAgent, LiveCustomer, Rates, Wrap, load_live
from warmline.errors import CommandError
from warmline.paths import PROJECT_ROOT
from warmline.policy import EscalationPolicy

DATA = PROJECT_ROOT / "data"
ZOE = LiveCustomer(
    key="zoe",
    name="Zoe",
    mood="furious",
    says=("Where is my parcel?",),
    asks_for_a_person=True,
    to_agents=("It was due on Monday.",),
    rates=Rates(csat=4, nps=8, comment="Good once a person was there."),
)
BEN = LiveAgent(
    id="ben",
    says=("Hello, this is Ben.", "It comes tomorrow."),
    note="Called the carrier.",
    plan="call the carrier",
    ends=(Wrap(disposition="solved", root_cause="carrier_late", outcome="It comes tomorrow."),),
)


@pytest.fixture
def service_policy() -> EscalationPolicy:
    """The shipped policy, under which cases are offered."""
    return POLICY


def test_the_scripts_that_ship_fit_the_policy_and_the_staff() -> None:
    staff = frozenset(agent.id for agent in load_demo_people(DATA).agents)
    live = load_live(DATA, POLICY, staff)

    assert {one.mood for one in live.customers} >= {"calm", "tense", "furious", "third_contact", "grateful", "hurried"}
    assert "ben" not in {agent.id for agent in live.agents}, "his queues are for the person who looks"
    with pytest.raises(CommandError, match=r"nobody in people\.yml has this id"):
        load_live(DATA, POLICY, staff - {"ana"})


async def test_a_customer_and_an_agent_of_the_demo_bring_a_case_to_its_end_and_its_rating(service: Service) -> None:
    stage = Stage(str(service.server.make_url("")).rstrip("/"), Random(1), pace=2000)
    context = service.parts.context

    async def offered() -> bool:
        await offer_waiting(context)
        return stage.done["cases solved"] == 1

    desk = asyncio.create_task(Desk(stage, BEN, "ben@larkfield.example", "larkfield-demo").work())
    talk = asyncio.create_task(Customer(stage, ZOE, None).talk())
    await until(offered, within=15)
    await asyncio.wait_for(talk, 10)
    desk.cancel()
    with suppress(asyncio.CancelledError):
        await desk

    async with context.db.read() as db:
        row = (await db.execute(select(cases, conversations.c.page).join(conversations))).one()
    assert (row.status, row.disposition, row.csat, row.nps, row.page) == ("closed", "solved", 4, 8, PAGE)
    assert stage.done["agent messages"] == 2
    assert not [agent for agent in await _signed_in(service) if agent == "ben"]


async def _signed_in(service: Service) -> list[str]:
    async with service.parts.context.db.read() as db:
        return list((await db.execute(select(agent_sessions.c.agent_id))).scalars())


def test_the_demo_is_refused_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WARMLINE_DEMO", "false")

    assert main(["demo", "wipe", "--json"]) == 2
    assert "nothing was touched" in capsys.readouterr().out

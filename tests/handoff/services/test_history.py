"""Whole conversations as a replay needs them, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from handoff import history
from handoff.contract import Category, TurnRecord
from handoff.domain.verdicts import Verdict
from handoff.domain.whole import CONTACTS_BEFORE, WholeConversation
from handoff.history import as_json, stored_conversations
from handoff.services.after_case import reopen
from handoff.services.case_steps import accept, escalate, release, resolve, transfer
from handoff.services.case_talk import add_note, send_agent_message
from handoff.services.verdicts import judge
from handoff.store import cases as case_store
from handoff.store import contacts
from handoff.store.database import Database
from tests.handoff.cast import ANA, BEN, GRACE, MAYA, OMAR, POLICY, PRIYA, START, House
from tests.handoff.services.test_case_steps import SOLVED, TRIED
from tests.handoff.services.test_labels import asked, handed_over


async def everything(db: Database, **given: Any) -> list[WholeConversation]:
    return [whole async for whole in stored_conversations(db, **given)]


async def told(house: House) -> dict[str, Any]:
    """The only conversation, as the command prints it."""
    (whole,) = await everything(house.db)
    return as_json(whole)


async def test_a_conversation_comes_whole_and_in_order(house: House) -> None:
    conversation = await house.begin(PRIYA)
    first = await asked(house, conversation, "where is it", frustration=0.2)
    case_id, trigger = await handed_over(house, conversation, "a person!", severity=2)
    await accept(house.context, case_id, BEN)
    await send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="Hello")
    await house.say(conversation, "at last")
    await judge(house.context, case_id, BEN, verdict=Verdict.SHOULD_HAVE_COME_EARLIER, message_id=first.id)
    line = await told(house)
    said = line["messages"]

    assert (line["version"], line["id"], line["started_at"]) == (1, conversation.id, START.isoformat())
    assert line["customer"] == {"id": conversation.customer_id, "tier": "vip", "verified": True}
    assert [(m["seq"], m["role"]) for m in said] == [
        (1, "customer"), (2, "bot"), (3, "customer"), (4, "system"), (5, "system"), (6, "agent"), (7, "customer"),
    ]  # fmt: skip
    assert (said[0]["text"], said[0]["payload"], said[0]["at"]) == ("where is it", "where is it", START.isoformat())
    assert TurnRecord.model_validate(said[0]["record"]).frustration == 0.2
    assert (said[0]["turn_status"], said[2]["turn_status"]) == ("answered", "handed_off")
    assert TurnRecord.model_validate(said[2]["record"]).message_id == trigger.id
    assert (said[6]["record"], said[6]["payload"], said[6]["turn_status"]) == (None, None, None)
    assert "record" not in said[1]
    assert said[3]["notice"] == "handoff_opened"
    assert line["cases"] == [
        {
            "id": case_id,
            "number": "WL-1001",
            "opened_at": (START + timedelta(minutes=1)).isoformat(),
            "handoff_message_id": trigger.id,
            "reason": "explicit_request",
            "kind": "functional",
            "category": "orders_delivery",
            "severity": 2,
            "level": 1,
            "policy_version": POLICY.version,
            "category_now": "orders_delivery",
            "severity_now": 2,
            "level_now": 1,
            "closed_at": None,
            "verdict": "should_have_come_earlier",
            "should_have_come_at": first.id,
        }
    ]


async def test_every_change_of_the_owner_is_told_and_nothing_else(house: House) -> None:
    """P19."""
    _, case_id = await house.case()
    steps = [
        ("agent", BEN.id, accept(house.context, case_id, BEN)),
        (None, None, add_note(house.context, case_id, BEN, text="A note")),
        ("queue", None, release(house.context, case_id, BEN, reason="Break")),
        ("queue", None, transfer(house.context, case_id, BEN, category=Category.BILLING, **TRIED)),
        ("queue", None, escalate(house.context, case_id, ANA, **TRIED)),
        ("agent", GRACE.id, accept(house.context, case_id, GRACE)),
        ("bot", None, resolve(house.context, case_id, GRACE, **SOLVED)),
    ]
    for _, _, step in steps:
        house.clock.move(minutes=1)
        await step
    async with house.db.read() as db:
        case = await case_store.get_case(db, case_id)
    house.clock.move(minutes=1)
    await house.arrives(GRACE)
    await reopen(house.context, case.conversation_id, case_id, note="")
    line = await told(house)

    expected = [(owner, agent) for owner, agent, _ in steps if owner is not None]
    changes = [(change["owner_type"], change["agent_id"]) for change in line["owner_changes"]]
    assert changes == [("queue", None), *expected, ("agent", GRACE.id)]
    assert [c["at"] for c in line["owner_changes"]] == sorted(c["at"] for c in line["owner_changes"])
    assert {c["case_id"] for c in line["owner_changes"]} == {case_id}


async def test_a_case_is_told_as_it_was_decided_and_as_it_stands(house: House) -> None:
    _, case_id = await house.case(level=2)
    await transfer(house.context, case_id, OMAR, category=Category.BILLING, **TRIED)
    await escalate(house.context, case_id, OMAR, **TRIED)
    (case,) = (await told(house))["cases"]

    assert (case["category"], case["level"]) == ("orders_delivery", 2)
    assert (case["category_now"], case["level_now"]) == ("billing", 3)


async def test_a_closed_case_says_when(house: House) -> None:
    _, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    house.clock.move(minutes=7)
    await resolve(house.context, case_id, BEN, **SOLVED)
    assert (await told(house))["cases"][0]["closed_at"] == house.clock.now.isoformat()


async def test_the_contacts_are_those_of_the_customers_other_conversations_that_could_be_known(house: House) -> None:
    long_ago = START - CONTACTS_BEFORE - timedelta(days=1)
    other = await house.begin(PRIYA)
    conversation = await house.begin(MAYA)
    house.clock.move(minutes=5)
    await asked(house, conversation, "where is it")
    known = [
        ("old", long_ago),
        ("last_week", START - timedelta(days=6)),
        ("later", house.clock.now + timedelta(days=1)),
    ]
    async with house.db.write() as db:
        for topic, at in known:
            await contacts.note_contact(
                db,
                conversation_id=other.id,
                customer_id=conversation.customer_id,
                topic=topic,
                category=Category.BILLING,
                at=at,
            )
    lines = {whole.conversation.id: as_json(whole) for whole in await everything(house.db)}

    assert lines[conversation.id]["contacts"] == [
        {
            "conversation_id": other.id,
            "topic": "last_week",
            "category": "billing",
            "at": (START - timedelta(days=6)).isoformat().replace("+00:00", "Z"),
        }
    ]
    assert lines[other.id]["contacts"] == [], "another customer's"


async def test_all_conversations_come_once_and_oldest_first_with_few_in_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []
    for number in range(7):
        begun.append((await house.begin(None)).id)
        house.clock.move(minutes=number % 2)
    lots: list[int] = []
    read = history.wholes

    async def counting(db: Any, found: Any) -> Any:
        lots.append(len(found))
        return await read(db, found)

    monkeypatch.setattr(history, "wholes", counting)
    found = [whole.conversation.id for whole in await everything(house.db, at_once=2)]

    assert sorted(found) == sorted(begun)
    assert found == [whole.conversation.id for whole in await everything(house.db)]
    assert lots[:5] == [2, 2, 2, 1, 0]


async def test_days_take_conversations_by_their_beginning(house: House) -> None:
    begun = []
    for _ in range(3):
        begun.append((await house.begin(None)).id)
        house.clock.move(days=1)
    midnight = START.replace(hour=0)

    async def ids(**given: Any) -> list[str]:
        return [whole.conversation.id for whole in await everything(house.db, **given)]

    assert await ids(since=midnight + timedelta(days=1)) == begun[1:]
    assert await ids(before=midnight + timedelta(days=1)) == begun[:1]
    assert await ids(since=midnight + timedelta(days=1), before=midnight + timedelta(days=2)) == begun[1:2]


async def test_a_conversation_in_which_nothing_was_said_is_one_too(house: House) -> None:
    await house.begin(None)
    line = await told(house)
    assert (line["messages"], line["cases"], line["owner_changes"], line["contacts"]) == ([], [], [], [])
    assert line["customer"]["verified"] is False

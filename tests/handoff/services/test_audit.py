"""The audit log: what is written down, that no words are in it, and that nothing can be taken from it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from handoff.contract import Category
from handoff.domain.actors import SYSTEM, Actor
from handoff.domain.audit import REMEMBERED_LISTS, AuditEntry, AuditFilter, Did, ListReadings
from handoff.domain.people import Agent
from handoff.services import case_steps, case_talk, incidents, kept_responses, sign_in
from handoff.services.audit import note_list, note_policy, note_seen, read_log
from handoff.services.kept_responses import ResponseWords
from handoff.staff import add_agent, deactivate_agent
from handoff.store import people
from handoff.store.audit import add_entry, read_entries
from handoff.store.case_changes import BEGINNING, Place, add_change, changed_after
from handoff.store.schema import audit_log
from tests.handoff.cast import ANA, BEN, GRACE, MAYA, OMAR, START, House
from warmline.paths import PROJECT_ROOT

ALL = frozenset(Category)


async def written(house: House, **wanted: str) -> list[AuditEntry]:
    """What stands in the log, oldest first."""
    async with house.db.read() as db:
        return list(reversed(await read_entries(db, AuditFilter(**wanted), limit=1000)))


async def test_every_step_is_written_down_with_who_did_it_and_what_changed_but_no_words(house: House) -> None:
    """P18, P19: who owned it when; not what was said."""
    conversation, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    secret = "the customer's bank account is 12345678"
    await case_talk.send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text=secret)
    await case_talk.add_note(house.context, case_id, BEN, text=secret)
    await case_steps.resolve(
        house.context, case_id, BEN, disposition="solved", root_cause="carrier_late", outcome=secret
    )
    found = await written(house, object_id=case_id)

    assert [entry.action for entry in found] == [
        "case.opened",
        "case.accepted",
        "case.word",
        "case.note",
        "case.resolved",
    ]
    assert [entry.actor.id for entry in found] == [None, "ben", "ben", "ben", "ben"]
    assert found[1].data == {"status": ["open", "active"], "agent_id": [None, "ben"]}
    assert found[4].data["root_cause"] == [None, "carrier_late"]
    assert "bank" not in str(found)
    assert conversation.id not in str(found)


async def test_a_step_that_fails_is_not_written_down(house: House) -> None:
    _, case_id = await house.case()
    before = len(await written(house))
    with pytest.raises(Exception, match="waits in its queue"):
        await case_steps.resolve(
            house.context, case_id, BEN, disposition="solved", root_cause="carrier_late", outcome="x"
        )
    assert len(await written(house)) == before


async def test_nothing_can_be_changed_in_the_log_or_taken_from_it(house: House) -> None:
    """The database itself refuses, whatever the program does."""
    async with house.db.write() as db:
        await add_entry(db, AuditEntry(house.clock(), SYSTEM, "test", "nothing", None))
    (entry,) = await written(house)
    attempts = [
        update(audit_log).values(action="other"),
        delete(audit_log),
        delete(audit_log).where(audit_log.c.id == entry.id),
    ]
    if house.db.is_sqlite:
        values = "(id, at, actor_type, action, object_type, data)"
        attempts.append(
            text(f"INSERT OR REPLACE INTO audit_log {values} VALUES ({entry.id}, '2026-01-01', 'x', 'x', 'x', '{{}}')")
        )
    else:
        attempts.append(text("TRUNCATE audit_log"))
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="append-only"):
            async with house.db.write() as db:
                await db.execute(attempt)
    assert await written(house) == [entry]


async def test_signing_in_is_written_down_and_a_failure_without_what_was_typed(house: House) -> None:
    async with house.db.write() as db:
        await people.save_agent(db, ANA, password_hash=sign_in.hash_password("right-password"))
    await sign_in.sign_in(house.context, ANA.email, "wrong")
    await sign_in.sign_in(house.context, "my-secret-password", "oops")
    signed_in = await sign_in.sign_in(house.context, ANA.email, "right-password")
    assert signed_in is not None
    await sign_in.sign_out(house.context, signed_in.token)
    found = await written(house, object_type="agent")

    assert [(entry.action, entry.object_id, entry.actor.id) for entry in found] == [
        ("sign_in.failed", "ana", None),
        ("sign_in.failed", None, None),
        ("sign_in", "ana", "ana"),
        ("sign_out", "ana", "ana"),
    ]
    assert "secret" not in str(found)


async def test_staff_who_come_change_and_go_are_written_down(house: House) -> None:
    nora = Agent("nora", "Nora Quist", "nora@larkfield.example", ANA.role, 2, frozenset({Category.BILLING}))
    await add_agent(house.db, nora, "long-enough-password")
    await add_agent(house.db, nora, "long-enough-password")
    await deactivate_agent(house.db, nora.email)
    found = await written(house, object_id="nora")

    assert [(entry.action, entry.data.get("new")) for entry in found] == [
        ("staff.saved", True),
        ("staff.saved", False),
        ("staff.deactivated", None),
    ]
    assert found[0].data["queues"] == ["billing"]
    assert {entry.actor.name for entry in found} == {"warmline staff"}


async def test_a_policy_is_written_down_when_it_takes_effect_and_only_then(house: House) -> None:
    assert await note_policy(house.context)
    assert not await note_policy(house.context)
    (entry,) = await written(house, action="policy.in_force")
    assert entry.object_id == house.context.policy.version


async def test_the_log_is_read_page_by_page_filtered_and_that_too_is_written_down(house: House) -> None:
    for number in range(5):
        await note_seen(house.context, Actor.of_agent(ANA), Did.CASE_SEEN, f"case-{number}")
        house.clock.move(hours=1)
    await note_seen(house.context, Actor.of_agent(BEN), Did.TRANSCRIPT_READ, "case-1", messages=3)
    first = await read_log(house.context, OMAR, AuditFilter(actor_id="ana"), before=None, limit=3)
    rest = await read_log(house.context, OMAR, AuditFilter(actor_id="ana"), before=first[-1].id, limit=3)
    late = house.clock() - timedelta(hours=2)

    assert [e.object_id for e in (*first, *rest)] == ["case-4", "case-3", "case-2", "case-1", "case-0"]
    assert len(await written(house, action="case.*")) == 5
    assert len(await written(house, action="case")) == 0
    assert len(await written(house, object_type="case", object_id="case-1")) == 2
    async with house.db.read() as db:
        assert len(await read_entries(db, AuditFilter(actor_id="ana", since=late), limit=9)) == 2
        assert len(await read_entries(db, AuditFilter(actor_id="ana", until=late), limit=9)) == 3
    assert [entry.actor.id for entry in await written(house, action="audit.read")] == ["omar", "omar"]


async def test_a_list_is_written_down_for_each_reader_and_choice_and_not_at_every_renewal(house: House) -> None:
    """Who saw what: a page that renews its list every few seconds fills no log, but another look is another entry."""
    ben, ana = Actor.of_agent(BEN), Actor.of_agent(ANA)
    for _ in range(50):
        await note_list(house.context, ben, "cases", 3, status="open", category=None)
        house.clock.move(seconds=10)
    await note_list(house.context, ben, "cases", 1, status="mine", category=None)
    await note_list(house.context, ana, "cases", 3, status="open", category=None)
    house.clock.move(minutes=2)
    await note_list(house.context, ben, "cases", 5, status="open", category=None)
    found = await written(house, object_type="list")

    assert [(entry.actor.id, entry.object_id, entry.data) for entry in found] == [
        ("ben", "cases", {"status": "open", "shown": 3}),
        ("ben", "cases", {"status": "mine", "shown": 1}),
        ("ana", "cases", {"status": "open", "shown": 3}),
        ("ben", "cases", {"status": "open", "shown": 5}),
    ]


def test_what_is_remembered_of_lists_is_bounded() -> None:
    readings = ListReadings()
    for number in range(REMEMBERED_LISTS + 1):
        assert readings.is_due(START, "ben", number)
    assert not readings.is_due(START, "ben", REMEMBERED_LISTS)
    assert readings.is_due(START, "ben", 0), "the oldest was forgotten, so it is written down again"


def test_every_kind_of_entry_is_described() -> None:
    page = (PROJECT_ROOT / "docs/operations.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`([a-z_.]+)`", page[page.index("## The audit log") :]))
    assert set(Did) <= described


async def test_who_reads_along_misses_nothing_that_is_written_at_the_same_moment(house: House) -> None:
    """On PostgreSQL the transaction that began first may be the last to be seen."""
    _, first = await house.case()
    async with house.db.read() as db:
        _, place = await changed_after(db, BEGINNING, categories=ALL, limit=100)
    if house.db.is_sqlite:
        async with house.db.write() as db:
            await add_change(db, first)
    else:
        slow = await house.db.engine.connect()
        transaction = await slow.begin()
        await add_change(slow, first)
        async with house.db.write() as db:
            await add_change(db, first)
        async with house.db.read() as db:
            found, reached = await changed_after(db, place, categories=ALL, limit=100)
        assert (found, reached) == ((), place), "read past a transaction that still runs"
        await transaction.commit()
        await slow.close()
    async with house.db.read() as db:
        found, reached = await changed_after(db, place, categories=ALL, limit=100)
        again = await changed_after(db, reached, categories=ALL, limit=100)
    assert (found, again) == ((first,), ((), reached))
    assert reached > place


async def test_a_hundred_writers_at_once_are_all_read_by_somebody_who_reads_all_the_while(house: House) -> None:
    _, case_id = await house.case()
    seen, place, done = 0, BEGINNING, asyncio.Event()

    async def write(number: int) -> None:
        async with house.db.write() as db:
            await add_change(db, case_id)
            await asyncio.sleep(0.001 * (number % 7))

    async def read() -> None:
        nonlocal seen, place
        while True:
            is_last = done.is_set()
            async with house.db.read() as db:
                _, reached = await changed_after(db, place, categories=ALL, limit=1)
            if reached != place:
                seen, place = seen + 1, reached
            elif is_last:
                return
            else:
                await asyncio.sleep(0)

    async with house.db.read() as db:
        _, place = await changed_after(db, BEGINNING, categories=ALL, limit=100)
    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(number) for number in range(100)))
    done.set()
    await reader
    assert seen == 100
    assert place > Place(0, 0)


async def test_customers_are_told_apart_by_no_more_than_their_id_in_the_log(house: House) -> None:
    await house.case()
    assert str(MAYA.email) not in str(await written(house))


async def test_what_leads_decide_about_incidents_is_written_down_with_the_words_before_and_after(house: House) -> None:
    context = house.context
    incident = await incidents.declare(
        context, GRACE, category=Category.BILLING, title="App", announcement="The app is down.", centre=None
    )
    await incidents.confirm(context, incident.id, GRACE, title=None, announcement="The app is slow.")
    await incidents.resolve(context, incident.id, GRACE, resolution="It works again.")
    found = await written(house, object_type="incident")
    assert [entry.action for entry in found] == ["incident.declared", "incident.reworded", "incident.resolved"]
    assert {entry.actor.id for entry in found} == {GRACE.id}
    assert found[1].data["announcement"] == ["The app is down.", "The app is slow."]
    assert found[2].data["resolution"] == "It works again."


async def test_what_becomes_of_the_teams_responses_is_written_down_and_not_what_one_keeps_for_oneself(
    house: House,
) -> None:
    context = house.context
    own = ResponseWords("Mine", "en", "Hello")
    team = replace(own, title="Ours", shared=True)
    kept = await kept_responses.keep(context, GRACE, own)
    await kept_responses.change(context, GRACE, kept.id, replace(own, text="Good morning"))
    assert await written(house, object_type="response") == []
    await kept_responses.change(context, GRACE, kept.id, team)
    await kept_responses.change(context, GRACE, kept.id, replace(team, text="Good morning"))
    await kept_responses.delete(context, GRACE, kept.id)
    found = await written(house, object_type="response")
    assert [entry.action for entry in found] == ["response.shared", "response.changed", "response.withdrawn"]
    assert "morning" not in str(found)

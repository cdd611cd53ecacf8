"""What a receiver of webhooks gets. The page docs/webhooks.md is held to it."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.delivery.slack import escaped
from handoff.domain.actors import SYSTEM
from handoff.domain.cases import Step, WaitingFor
from handoff.domain.outbox import EventName, Webhook, WebhookFormat
from handoff.domain.outside import EventBody
from handoff.domain.signatures import is_genuine, sign
from handoff.services import after_case, case_steps, case_talk, incidents, surveys, telling, webhooks
from handoff.services.case_writing import save_step
from handoff.services.deadlines import DeadlineWatcher
from handoff.services.incident_watch import IncidentWatch
from handoff.services.meaning import Meaning
from handoff.services.milestones import wait
from handoff.services.nobody_there import tell_of_nobody
from handoff.services.telling import queue_event
from handoff.store import cases, schema
from tests.handoff.cast import BEN, GRACE, POLICY, WORDING, House
from tests.handoff.delivery.receiver import Receiver, receiving, sending, webhook_to
from tests.handoff.services.test_incidents import Subjects, noticed
from warmline.paths import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
EXAMPLES = {name: json.loads(text) for name, text in re.findall(r"```json (\S+)\n(.*?)```", PAGE, re.DOTALL)}
"""Every example of the page by its event."""


async def a_whole_case(house: House) -> str:
    """A case that meets every step of today that is told outside."""
    conversation, case_id = await house.case()
    context = house.context
    house.clock.move(minutes=2)
    await tell_of_nobody(context)
    await case_steps.accept(context, case_id, BEN)
    await house.say(conversation, "Thank you, Ben")
    await case_talk.send_agent_message(context, case_id, BEN, client_message_id="agent-0001", text="Hello Maya")
    await case_talk.promise_next_update(context, case_id, BEN, span=timedelta(hours=1), reason="depot")
    await wait(context, case_id, BEN, waiting_for=WaitingFor.THIRD_PARTY, what="the depot")
    await case_steps.transfer(
        context, case_id, BEN, category=Category.RETURNS_REFUNDS, tried="called", next_step="refund"
    )
    await case_steps.accept(context, case_id, BEN)
    await case_steps.resolve(
        context, case_id, BEN, disposition="solved", root_cause="carrier_late", outcome="It comes tomorrow"
    )
    await surveys.rate(context, conversation.id, case_id, csat=4, comment="quick")
    await after_case.reopen(context, conversation.id, case_id, note="no", client_message_id="client-again")
    return case_id


async def bodies(house: House, receiver: Receiver) -> dict[str, Any]:
    """The first body of each event that came."""
    async with sending(house) as sender:
        await sender.send_due()
    found: dict[str, Any] = {}
    for got in receiver.got:
        body = json.loads(got.body)
        found.setdefault(body["event"], body)
    return found


async def test_every_example_of_the_page_is_what_is_really_sent(sqlite_house: House) -> None:
    house = sqlite_house
    async with receiving() as receiver:
        await webhook_to(house, receiver)
        await a_whole_case(house)
        sent = await bodies(house, receiver)

    whole = EXAMPLES["case.opened"]
    EventBody.model_validate(whole)
    assert set(whole) == set(sent["case.opened"]) == set(EventBody.model_fields)
    assert whole["case"].keys() == sent["case.opened"]["case"].keys()
    same = {
        "number",
        "severity",
        "level",
        "reason",
        "problem",
        "contact_number",
        "source",
        "agent",
        "customer",
        "status",
    }
    assert {k: whole["case"][k] for k in same} == {k: sent["case.opened"]["case"][k] for k in same}
    assert whole["data"] == sent["case.opened"]["data"]
    for event, body in sent.items():
        EventBody.model_validate(body)
        if event != "case.opened":
            changes = {"message_id": body["data"]["message_id"]} if event == "case.customer_message" else {}
            assert body["data"] == EXAMPLES[event] | changes, event
    assert set(sent) == {name for name in EXAMPLES if name.startswith("case.")}


def test_the_page_names_every_event_and_no_other() -> None:
    table = PAGE[PAGE.index("| Event | When") : PAGE.index("`data` as it is sent")]
    rows = [line for line in table.splitlines()[2:] if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"`(\w+\.\w+)`", row.split("|")[1])}

    assert named == {str(event) for event in webhooks.TO_CHOOSE}
    assert set(EXAMPLES) == named, "each event has its example"


async def test_each_deadline_and_broken_promise_is_told_once_and_as_the_page_says(sqlite_house: House) -> None:
    house = sqlite_house
    async with receiving() as receiver:
        await webhook_to(house, receiver)
        _, case_id = await house.case()
        watcher = DeadlineWatcher(house.context)
        for minutes in (9, 2):
            house.clock.move(minutes=minutes)
            await watcher.look()
        async with house.db.write() as db:
            case = await cases.get_case(db, case_id)
            due = case.targets.first_response_due.isoformat()
            stalled = {"deadline": "stalled", "due_at": due}
            after = replace(case, version=case.version + 1)
            await save_step(house.context, db, case, after, Step.DEADLINE, SYSTEM, house.clock(), data=stalled)
        sent = await bodies(house, receiver)

    names = Counter(json.loads(got.body)["event"] for got in receiver.got)
    names.pop("case.moved")
    assert names == Counter(["case.opened", "deadline.near", "deadline.missed", "deadline.stalled", "promise.broken"])
    for event in names - Counter(["case.opened"]):
        assert sent[event]["data"] == {**EXAMPLES[event], "due_at": due}, event
    assert sent["promise.broken"]["case"]["id"] == case_id


async def test_what_a_customer_writes_is_told_without_its_words_unless_texts_may_go_out(sqlite_house: House) -> None:
    house = sqlite_house
    said = "my card ends in 4242"
    async with receiving() as receiver:
        conversation, _ = await house.case()
        await house.say(conversation, "before anybody asked to be told")
        await webhook_to(house, receiver, EventName.CASE_CUSTOMER_MESSAGE)
        await house.say(conversation, said)
        sent = await bodies(house, receiver)
        assert len(receiver.got) == 1
        assert "4242" not in json.dumps(sent)
        texts = POLICY.telling.model_copy(update={"webhooks_with_texts": True})
        house.context = replace(house.context, policy=POLICY.model_copy(update={"telling": texts}))
        await house.say(conversation, said)
        await bodies(house, receiver)
        assert json.loads(receiver.got[-1].body)["data"]["text"] == said


async def test_a_message_asks_the_database_for_no_webhooks_where_none_wants_it(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five hundred conversations live: what each message costs counts."""
    house, asked = sqlite_house, []
    conversation, _ = await house.case()
    await house.say(conversation, "one")
    real = telling.webhooks.active_webhooks

    async def counted(db: AsyncConnection) -> tuple[Webhook, ...]:
        asked.append(db)
        return await real(db)

    monkeypatch.setattr(telling.webhooks, "active_webhooks", counted)
    for number in range(5):
        await house.say(conversation, f"more {number}")
    assert asked == []
    house.clock.move(seconds=10)
    await house.say(conversation, "ten seconds on")
    assert len(asked) == 1, "another process may have added one"


async def test_what_a_case_from_outside_is_about_goes_out_in_our_words_alone(sqlite_house: House) -> None:
    house = sqlite_house
    async with receiving() as receiver:
        await webhook_to(house, receiver, EventName.CASE_UPDATED)
        _, case_id = await house.case()
        async with house.db.write() as db:
            await db.execute(update(schema.cases).values(problem="Maya Lind, 12 Elm Street, wants her sofa"))
        await case_steps.accept(house.context, case_id, BEN)
        await case_talk.promise_next_update(house.context, case_id, BEN, span=timedelta(hours=1), reason="depot")
        sent = await bodies(house, receiver)
    problem = sent["case.updated"]["case"]["problem"]
    assert "Maya" not in problem
    assert problem == house.context.wording.problem("order_status", {}, Category.ORDERS_DELIVERY)


async def test_what_becomes_of_an_incident_is_told_as_the_page_says(sqlite_house: House) -> None:
    house = sqlite_house
    house.context = replace(house.context, meaning=Meaning(Subjects))
    async with receiving() as receiver:
        await webhook_to(house, receiver, *(name for name in EventName if name.startswith("incident.")))
        incident, _ = await noticed(house, IncidentWatch(house.context))
        await incidents.dismiss(house.context, incident.id, GRACE)
        await incidents.confirm(
            house.context, incident.id, GRACE, title="Late parcels from Monday", announcement="They are late."
        )
        await incidents.resolve(house.context, incident.id, GRACE, resolution="They have come.")
        sent = await bodies(house, receiver)

    assert set(sent) == {str(name) for name in EventName if name.startswith("incident.")}
    for event, body in sent.items():
        assert body["case"] is None
        told = {**EXAMPLES[event], "incident_id": body["data"]["incident_id"]}
        assert body["data"] == told, event


async def test_nothing_that_people_wrote_leaves_the_house(sqlite_house: House) -> None:
    house = sqlite_house
    async with receiving() as receiver:
        await webhook_to(house, receiver)
        await a_whole_case(house)
        await bodies(house, receiver)

    everything = b"".join(got.body for got in receiver.got).decode()
    for text in ("Maya", "I want a person", "Hello", "depot", "called", 'refund"', "tomorrow", "quick"):
        assert text not in everything, text


async def test_texts_go_out_where_the_policy_lets_them(sqlite_house: House) -> None:
    house = sqlite_house
    telling = house.context.policy.telling.model_copy(update={"webhooks_with_texts": True})
    house.context = replace(house.context, policy=house.context.policy.model_copy(update={"telling": telling}))
    async with receiving() as receiver:
        await webhook_to(house, receiver)
        await a_whole_case(house)
        sent = await bodies(house, receiver)

    assert sent["case.message"]["data"]["text"] == "Hello Maya"
    assert sent["case.resolved"]["data"]["text"] == "It comes tomorrow"
    assert sent["case.opened"]["case"]["customer"]["name"] == "Maya Lind"


async def test_a_delivery_is_signed_as_the_page_describes(sqlite_house: House) -> None:
    house = sqlite_house
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    receivers_code: dict[str, Any] = {}
    exec(example, receivers_code)
    async with receiving() as receiver:
        webhook = await webhook_to(house, receiver, EventName.CASE_OPENED)
        await house.case()
        house.clock.move(seconds=time.time() - house.clock().timestamp())
        await bodies(house, receiver)

    (got,) = receiver.got
    signature = got.headers["Warmline-Signature"]
    genuine = receivers_code["is_genuine"]
    assert genuine(webhook.secret, signature, got.body)
    assert not genuine(webhook.secret, signature, got.body + b" ")
    assert not genuine("another secret of forty characters, at least", signature, got.body)
    assert not genuine(webhook.secret, sign(webhook.secret, int(time.time()) - 301, got.body), got.body)
    assert got.headers["Warmline-Event-Id"] == json.loads(got.body)["id"]


@given(body=st.binary(max_size=200), secret=st.text(min_size=1, max_size=40), at=st.integers(0, 10**11))
def test_a_signature_fits_its_body_secret_and_time_alone(body: bytes, secret: str, at: int) -> None:
    header = sign(secret, at, body)

    assert is_genuine(secret, header, body, at + 299)
    assert not is_genuine(secret, header, body, at + 301)
    assert not is_genuine(secret + "x", header, body, at)
    assert not is_genuine(secret, header, body + b"x", at)


@given(st.text(max_size=80))
def test_a_broken_signature_is_refused_and_never_fails(header: str) -> None:
    assert not is_genuine("s" * 40, header, b"{}", 0)


async def test_a_slack_webhook_gets_a_message_that_slack_shows(sqlite_house: House) -> None:
    house = sqlite_house
    async with receiving() as receiver:
        await webhook_to(house, receiver, EventName.CASE_OPENED, form=WebhookFormat.SLACK)
        await house.case()
        await bodies_of_slack(house)

    message = json.loads(receiver.got[0].body)
    queue = WORDING.queue(Category.ORDERS_DELIVERY)
    assert message["text"].startswith("New case WL-")
    assert message["text"].endswith(f" in {queue}, severity 3: where your order LH-10001 is")
    assert message["blocks"][0]["text"] == {"type": "mrkdwn", "text": message["text"]}


async def test_slack_is_told_in_words_which_deadline_is_near(sqlite_house: House) -> None:
    house = sqlite_house
    async with receiving() as receiver:
        await webhook_to(house, receiver, EventName.DEADLINE_NEAR, form=WebhookFormat.SLACK)
        await house.case()
        house.clock.move(minutes=9)
        await DeadlineWatcher(house.context).look()
        await bodies_of_slack(house)

    text = json.loads(receiver.got[0].body)["text"]
    assert f"{WORDING.deadlines['first_response']} is due soon" in text


async def bodies_of_slack(house: House) -> None:
    async with sending(house) as sender:
        await sender.send_due()


@pytest.mark.parametrize("name", list(EventName))
async def test_every_event_reads_as_a_slack_message(sqlite_house: House, name: EventName) -> None:
    house = sqlite_house
    async with receiving() as receiver:
        await webhook_to(house, receiver, name, form=WebhookFormat.SLACK)
        async with house.db.write() as db:
            await queue_event(house.context, db, name, None, {"title": "<!channel> *late*", "count": 4})
        await bodies_of_slack(house)

    text = json.loads(receiver.got[0].body)["text"]
    assert text
    assert "{" not in text
    assert "<!channel>" not in text


def test_what_people_write_becomes_no_link_mention_or_markup_in_slack() -> None:
    assert escaped("<!channel> & <https://x|y>") == "&lt;!channel&gt; &amp; &lt;https://x|y&gt;"
    assert "*bold*" not in escaped("*bold*")

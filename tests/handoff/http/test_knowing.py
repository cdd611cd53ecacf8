"""What an agent has at hand beside a case, over HTTP (P15, P18, P21)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from handoff.faq import LiveFaq
from handoff.http import agent_schemas, knowing_schemas
from handoff.http.knowing import KNOWLEDGE, Knowledge
from handoff.services.faq_answers import FaqAnswers
from handoff.services.meaning import Meaning
from handoff.store.schema import audit_log
from tests.handoff.cast import ANA, BEN, GRACE, IMANI, MAYA, POLICY, PRIYA
from tests.handoff.service import Service
from tests.handoff.words import SharedWords

SOLVED = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "The carrier had lost it; sent again"}


@pytest.fixture
def meaning(service: Service) -> SharedWords:
    """Meaning by shared words."""
    encoder = SharedWords()
    object.__setattr__(service.parts, "wired", replace(service.parts.wired, meaning=Meaning(lambda: encoder)))
    return encoder


@pytest.mark.usefixtures("meaning")
async def test_a_case_that_was_solved_is_shown_with_the_next_one_like_it(service: Service) -> None:
    ben = await service.agent(BEN)
    maya, priya = await service.customer(MAYA), await service.customer(PRIYA)
    await maya.say("my parcel with the lamp is late and nobody answers")
    first = await service.case(maya)
    await ben.post(f"/cases/{first}/accept")
    await ben.post(f"/cases/{first}/resolve", SOLVED)
    await priya.say("my parcel with the lamp is late and nobody answers me")
    second = await service.case(priya)

    answer = knowing_schemas.SimilarAnswer.model_validate((await ben.get(f"/cases/{second}/similar")).body)

    assert answer.off is None
    (found,) = answer.cases
    assert (found.id, found.outcome, found.queue) == (first, SOLVED["outcome"], "Orders and delivery")
    assert "Maya" not in answer.model_dump_json()


async def test_without_an_encoder_the_desk_is_told_that_nothing_is_found_by_meaning(
    service: Service, tmp_path: Path
) -> None:
    off = Meaning.of_files(tmp_path / "nothing")
    object.__setattr__(service.parts, "wired", replace(service.parts.wired, meaning=off))
    ben = await service.agent(BEN)
    case_id = await service.case(await service.customer())

    for path in ("similar", "answers"):
        answer = await ben.get(f"/cases/{case_id}/{path}")
        assert answer.status == 200
        assert "make run" in answer.body["off"]


@pytest.mark.usefixtures("meaning")
async def test_whoever_may_not_see_a_case_gets_nothing_beside_it_either(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ana, imani = await service.agent(ANA), await service.agent(IMANI)

    for path in ("similar", "answers"):
        assert (await ana.get(f"/cases/{case_id}/{path}")).code == "not_found"
        assert (await imani.get(f"/cases/{case_id}/{path}")).code == "not_allowed"
    assert (await ana.get("/cases/no such/similar")).code == "not_found"


@pytest.mark.usefixtures("meaning")
async def test_the_answers_nearest_to_the_problem_are_those_of_the_files_now(service: Service, tmp_path: Path) -> None:
    (tmp_path / "data" / "faq").mkdir(parents=True)
    file = tmp_path / "data" / "faq" / "orders.yml"
    text = """
        nlu:
        - intent: faq/lamps
          examples: |
            - my parcel with the lamp is late
            - where is the lamp
        - intent: faq/kettles
          examples: |
            - the kettle leaks
            - water under the kettle
        responses:
          utter_faq/lamps:
          - text: Lamps take a week.
          utter_faq/kettles:
          - text: Kettles leak when overfilled.
    """
    file.write_text(text, encoding="utf-8")
    ticks = iter(range(100))
    live = FaqAnswers(LiveFaq(tmp_path / "data", lambda: float(next(ticks))), tmp_path)
    known = service.server.app[KNOWLEDGE]
    service.server.app._state[KNOWLEDGE] = Knowledge(known.similar, live)  # type: ignore[index]
    maya, ben = await service.customer(), await service.agent(BEN)
    await maya.say("my parcel with the lamp is late")
    case_id = await service.case(maya)

    before = knowing_schemas.NearAnswers.model_validate((await ben.get(f"/cases/{case_id}/answers")).body)
    file.write_text(text.replace("a week", "two weeks now"), encoding="utf-8")
    after = knowing_schemas.NearAnswers.model_validate((await ben.get(f"/cases/{case_id}/answers")).body)

    assert [(a.topic, a.question, a.answer) for a in before.answers] == [
        ("faq/lamps", "my parcel with the lamp is late", "Lamps take a week.")
    ]
    assert [a.answer for a in after.answers] == ["Lamps take two weeks now."]


async def test_every_agent_reads_the_matrix_with_their_own_limits(service: Service) -> None:
    ben, grace, imani = await service.agent(BEN), await service.agent(GRACE), await service.agent(IMANI)

    bens = knowing_schemas.MatrixAnswer.model_validate((await ben.get("/matrix")).body)
    graces = knowing_schemas.MatrixAnswer.model_validate((await grace.get("/matrix")).body)

    assert (bens.version, bens.your_level, graces.your_level) == (POLICY.version, 1, 3)
    refund = next(entry for entry in bens.authority if entry.kind == "refund")
    assert (refund.yours, refund.bot_limit) == ("150.00", "50.00")
    assert next(entry for entry in graces.authority if entry.kind == "refund").yours == "1000.00"
    billing = next(entry for entry in bens.categories if entry.category == "billing")
    assert billing.targets[0].first_response_seconds == 120
    assert billing.open_now, "nine on a Monday"
    assert {trigger.kind for trigger in bens.triggers} == {"risk", "rule", "authority"}
    above = next(trigger for trigger in bens.triggers if trigger.name == "refund_above_150.00")
    assert above.level == 2
    assert bens.since == service.clock()
    assert billing.hours.weekly == [["08:00-20:00"]] * 5 + [["09:00-17:00"], []], "Monday first"
    assert (billing.hours.time_zone, billing.hours.opens_at) == ("Europe/London", service.clock())
    assert (await imani.get("/matrix")).code == "not_allowed"


async def test_the_matrix_tells_what_happens_by_itself_and_the_rules_of_the_operations_team(service: Service) -> None:
    """P7, P8: near and missed deadlines, and conditions that an operations person wrote."""
    ben = await service.agent(BEN)
    found = knowing_schemas.MatrixAnswer.model_validate((await ben.get("/matrix")).body)

    assert {(one.target, one.share, one.seconds) for one in found.by_itself.near} == {
        ("first_response", 0.3, None),
        ("next_update", 0.25, None),
        ("resolution", 0.25, None),
    }
    assert [one.stalled_seconds for one in found.by_itself.stalled] == [1800, 3600, 14400, 28800]
    assert (found.by_itself.remind_seconds, found.by_itself.close_seconds) == (86_400, 259_200)
    again = next(rule for rule in found.rules if rule.name == "plus_refund_again")
    assert [(one.condition, one.any_of) for one in again.when] == [
        ("topic", ["refund_status", "request_refund"]),
        ("tier", ["plus", "vip"]),
        ("contacts_from", ["2"]),
    ]
    assert (again.action, again.category, again.severity) == ("offer", None, 2)


async def test_the_matrix_says_that_the_file_cannot_be_used_while_the_version_before_holds(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = service.parts.wired.live
    assert live is not None
    broken = replace(live.state, problem="escalation.yml, line 3: levels: this key is missing; add it")
    monkeypatch.setattr(live, "_state", broken)
    ben = await service.agent(BEN)
    assert (await ben.get("/matrix")).body["problem"].startswith("escalation.yml, line 3")


async def test_an_earlier_conversation_of_the_customer_can_be_read_and_that_is_written_down(service: Service) -> None:
    maya, ben = await service.customer(), await service.agent(BEN)
    await maya.say("I asked about my lamp")
    earlier = maya.conversation_id
    fresh = await service.customer(MAYA, fresh=True)
    case_id = await service.case(fresh)

    answer = await ben.get(f"/cases/{case_id}/conversations/{earlier}/messages")

    read = agent_schemas.MessagesAnswer.model_validate(answer.body)
    assert read.messages[0].text == "I asked about my lamp"
    async with service.parts.context.db.read() as db:
        row = (await db.execute(select(audit_log).where(audit_log.c.action == "conversation.view"))).one()
    assert (row.actor_id, row.object_id) == (BEN.id, earlier)


async def test_conversations_of_other_customers_and_of_other_queues_stay_closed(service: Service) -> None:
    maya, priya = await service.customer(), await service.customer(PRIYA)
    grace, ben, ana = await service.agent(GRACE), await service.agent(BEN), await service.agent(ANA)
    elsewhere = await service.case(maya)
    await grace.post(f"/cases/{elsewhere}/transfer", {"category": "billing", "tried": "a", "next_step": "b"})
    await ana.post(f"/cases/{elsewhere}/accept")
    await ana.post(f"/cases/{elsewhere}/resolve", SOLVED)
    fresh = await service.customer(MAYA, fresh=True)
    case_id = await service.case(fresh)

    for conversation_id in (maya.conversation_id, priya.conversation_id, "no such one", "unknown"):
        answer = await ben.get(f"/cases/{case_id}/conversations/{conversation_id}/messages")
        assert answer.code == "not_found", conversation_id
    assert (await grace.get(f"/cases/{case_id}/conversations/{maya.conversation_id}/messages")).status == 200

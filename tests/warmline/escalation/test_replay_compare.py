"""What another policy changes, counted up to the first difference, and held against the agents' verdicts (P10, P31)."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handoff.contract import DecisionAction
from tests.warmline.escalation.replay_cast import POLICY, Felt, Talk
from tests.warmline.escalation.test_replay_turns import LATE, SHIPPED, frustrated, other
from warmline.escalation.replay.command import replayed
from warmline.escalation.replay.compare import Compared, Judged
from warmline.escalation.replay.staffing import Staffing, Team
from warmline.escalation.replay.summary import Figure, as_json, summarise
from warmline.policy import EscalationPolicy
from warmline.policy.hours import Hours, read_week

LONDON = ZoneInfo("Europe/London")
PATIENT = other(now=0.99)
"""Frustration alone hands nobody over."""
EAGER = other(offer_at_once=0.65)
"""The first angry turn brings an offer."""
SUES = "you will hear from my lawyer"


def compared(talk: Talk, policy: EscalationPolicy) -> Compared:
    (found,) = replayed([talk.stored], policy, unmasked=True)
    return found


def with_risk(name: str, **changes: Any) -> EscalationPolicy:
    risk = POLICY.risks[name].model_copy(update=changes)
    return POLICY.model_copy(update={"risks": {**POLICY.risks, name: risk}, "version": "other"})


def without_risk(name: str) -> EscalationPolicy:
    return POLICY.model_copy(update={"risks": {key: risk for key, risk in POLICY.risks.items() if key != name}})


async def handed_over(verdict: str | None = None, earlier: int | None = None) -> Talk:
    """Frustration grew until a person took over, at the fourth turn; ``earlier`` counts the messages from 1."""
    talk = await frustrated()
    talk.goes_to_a_person(verdict, talk.messages[earlier - 1]["id"] if earlier else None)
    return talk


async def test_under_the_same_policy_nothing_changes() -> None:
    found = compared(await handed_over("needed"), POLICY)

    assert (found.change, len(found.kept), found.lost, found.gained, found.not_known) == (None, 1, (), (), ())
    assert (found.offers_kept, found.verdicts[0].other) == (1, Judged.RIGHT)


async def test_a_handoff_that_the_other_policy_does_not_make_is_lost_and_says_why() -> None:
    found = compared(await handed_over(), PATIENT)

    assert found.change is not None
    assert (found.change.turn, found.change.before.action, found.change.after.action) == (4, "now", "offer") or (
        found.change.turn,
        found.change.after.action,
    ) == (4, "none")
    assert found.change.text == "I am furious"
    assert [why for why in found.change.why if why.startswith("frustration: ")]
    assert (len(found.lost), found.kept, found.gained) == (1, (), ())


async def test_after_the_first_difference_nothing_is_claimed_to_be_known() -> None:
    found = compared(await handed_over(), EAGER)

    assert found.change is not None
    assert (found.change.turn, found.change.was, found.change.is_now) == (2, "carries on", "offers a person")
    assert "frustration: 0.7 against 0.65 (as decided: 0.7 against 0.5)" in found.change.why[0]
    assert (found.kept, found.lost, found.gained, len(found.not_known)) == ((), (), (), 1)
    assert (found.offers_gained, found.offers_not_known) == (1, 1)


async def test_a_handoff_of_the_other_policy_alone_is_gained() -> None:
    talk = Talk()
    await talk.says(SUES, "nlu_fallback", 0.3)
    talk.rasa.slots.clear()
    found = compared(talk, POLICY)
    assert found.change is None
    calm = Talk(without_risk("legal"))
    await calm.says(SUES, "nlu_fallback", 0.3)
    found = compared(calm, POLICY)

    assert [handoff.reason for handoff in found.gained] == ["policy"]
    assert found.change is not None
    assert found.change.why[0].startswith("risk legal: 1 against 1 (as decided: no such signal); Legal: ")


async def test_a_case_that_goes_elsewhere_is_kept_and_said_to_change() -> None:
    talk = Talk()
    await talk.says(SUES, "nlu_fallback", 0.3)
    talk.goes_to_a_person("needed")
    found = compared(talk, with_risk("legal", severity=3, level=1))

    assert found.change is not None
    assert found.change.why == ("severity 2 (as decided: 1)", "level 1 (as decided: 4)")
    assert (len(found.kept), found.verdicts[0].other) == (1, Judged.RIGHT)


@pytest.mark.parametrize(
    ("verdict", "earlier", "policy", "as_decided", "other_way"),
    [
        ("not_needed", None, POLICY, Judged.FALSE, Judged.FALSE),
        ("not_needed", None, PATIENT, Judged.FALSE, Judged.RIGHT),
        ("needed", None, PATIENT, Judged.RIGHT, Judged.MISSED),
        ("needed", None, EAGER, Judged.RIGHT, Judged.NOT_KNOWN),
        ("should_have_come_earlier", None, POLICY, Judged.MISSED, Judged.MISSED),
        ("should_have_come_earlier", None, PATIENT, Judged.MISSED, Judged.MISSED),
        ("should_have_come_earlier", None, EAGER, Judged.MISSED, Judged.NOT_KNOWN),
    ],
)
async def test_a_verdict_judges_both_policies(
    verdict: str, earlier: int | None, policy: EscalationPolicy, as_decided: Judged, other_way: Judged
) -> None:
    (found,) = compared(await handed_over(verdict, earlier), policy).verdicts
    assert (found.as_decided, found.other) == (as_decided, other_way)


@pytest.mark.parametrize(("earlier", "right"), [(3, Judged.RIGHT), (1, Judged.MISSED), (None, Judged.RIGHT)])
async def test_who_should_have_come_earlier_comes_in_time_or_still_too_late(earlier: int | None, right: Judged) -> None:
    """The other policy hands over at the second turn, whose message is the third."""
    talk = Talk(without_risk("legal"))
    await talk.says(LATE, "order_status")
    talk.answers("action_order_status", SHIPPED)
    await talk.says(SUES, "nlu_fallback", 0.3)
    talk.answers("utter_default", "I did not get that.")
    await talk.says("get me a human being", "talk_to_person")
    talk.goes_to_a_person("should_have_come_earlier", talk.messages[earlier - 1]["id"] if earlier else None)

    assert compared(talk, POLICY).verdicts[0].other is right


async def test_what_went_to_a_person_without_a_decision_goes_there_under_every_policy() -> None:
    """By the limit of a form, or because the bot was silent."""
    talk = Talk()
    await talk.says(LATE, "order_status")
    talk.goes_to_a_person()
    found = compared(talk, PATIENT)

    assert [(handoff.reason, handoff.case) for handoff in found.kept] == [("authority", "WL-1001")]
    assert found.change is None


async def test_personal_data_is_masked_in_words_and_evidence() -> None:
    talk = Talk(without_risk("legal"))
    await talk.says(f"{SUES}, mail maya.lind@web.de", "nlu_fallback", 0.3)
    (found,) = replayed([talk.stored], POLICY)

    assert found.change is not None
    assert "maya.lind" not in found.change.text
    assert "name@mail.example" in found.change.text


async def test_the_figures_say_what_is_sure_and_what_is_not() -> None:
    talks = [await handed_over("not_needed"), await handed_over("needed")]
    found = replayed([talk.stored for talk in talks], EAGER)
    told = summarise(found, "other", LONDON)

    assert told.handoffs == Figure(2, 0, 2)
    assert told.offers == Figure(2, 2, 2)
    assert (told.judged, told.false, told.missed) == (2, Figure(1, 0, 1), Figure(0, 0, 0))
    assert told.reasons == {"frustration": Figure(2, 0, 2)}
    assert told.hours[10].handoffs == Figure(2, 0, 2)
    assert told.decided_under == {POLICY.version: 8}


async def test_hours_are_told_by_the_clock_on_the_wall_as_the_mean_of_a_day() -> None:
    """Ten in the morning in London is noon in Helsinki; two days make half a handoff each."""
    first, second = await handed_over(), Talk(name="conv-2", began=(await handed_over()).began.replace(day=21))
    await second.says("hello", "greet")
    told = summarise(replayed([first.stored, second.stored], POLICY), "p", ZoneInfo("Europe/Helsinki"))

    assert (told.days, told.hours[12].handoffs.as_decided, told.hours[10].handoffs.as_decided) == (2, 0.5, 0)


async def test_an_hour_is_too_full_when_more_come_than_can_be_taken() -> None:
    week = read_week({"monday-sunday": "09:00-10:30"})
    staffing = Staffing((Team(1, (Hours(LONDON, week),)),), 2.0, "a test")
    told = summarise(replayed([(await handed_over()).stored] * 2, POLICY), "p", LONDON, staffing)

    assert [hour.capacity for hour in told.hours[8:12]] == [0, 2, 1, 0]
    assert told.hours[10].exceeds(told.hours[10].handoffs.as_decided)
    assert not told.hours[9].exceeds(2)


async def test_programs_get_everything() -> None:
    told = as_json(summarise(replayed([(await handed_over("needed")).stored], EAGER), "other", LONDON))

    assert told["first_day"] == str(date(2026, 11, 20))
    assert told["changed"][0]["from"] == DecisionAction.NONE
    assert told["changed"][0]["verdicts"] == [
        {"case": "WL-1001", "verdict": "needed", "as_decided": "right", "other": "not_known"}
    ]


async def test_no_conversation_is_no_error() -> None:
    told = summarise([], "other", LONDON, Staffing((), 4.0, "nobody"))
    assert (told.conversations, told.days, told.staffing) == (0, 0, None)


async def test_a_declined_offer_that_is_respected_longer_is_told_as_such() -> None:
    """No signal is measured otherwise: the difference is what is held back."""
    talk = Talk()
    for text in ("this is bad", "so bad again"):
        await talk.says(text, "complain", felt=Felt(0.85))
        talk.answers("utter_complain", "Sorry.")
    talk.answers("utter_offer_person", "A person?")
    await talk.says("no thanks", "deny")
    for text in ("bad once more", "and bad still", "bad bad bad", "so bad"):
        talk.answers("utter_complain", "Sorry.")
        await talk.says(text, "complain", felt=Felt(0.85))
    cooldown = POLICY.cooldown.model_copy(update={"after_decline_turns": 20})
    found = compared(talk, POLICY.model_copy(update={"cooldown": cooldown}))

    assert found.change is not None
    assert found.change.why[0].startswith("the same signals, weighed otherwise")

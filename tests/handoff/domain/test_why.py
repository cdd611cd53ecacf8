"""Why a case came, in one sentence: what is told, in which words, and nothing that is not in the record."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase

import pytest

from handoff.contract import Category, Decision, DecisionAction, HandoffReason, Reason, TurnRecord
from handoff.domain.cases import Case, CaseContext
from handoff.domain.conversations import Turn, TurnStatus
from handoff.domain.why import turns_that_led_to, why
from handoff.services.integration.opening import SIGNAL as FROM_SYSTEM
from handoff.services.open_anew import SIGNAL
from tests.handoff.cast import POLICY, START, WORDING, record
from tests.handoff.domain.test_cases import CASE
from warmline.paths import PROJECT_ROOT

WORDS = WORDING.why


def reason(signal: str, value: float = 1.0, threshold: float = 1.0, *evidence: str) -> Reason:
    return Reason(
        signal=signal, reason=HandoffReason.FRUSTRATION, value=value, threshold=threshold, evidence=tuple(evidence)
    )


def case(*reasons: Reason, topic: str | None = "order_status", **changes: object) -> Case:
    return replace(CASE, topic=topic, context=CaseContext(reasons=reasons), **changes)  # type: ignore[arg-type]


def turn(seq: int, frustration: float, minute: int = 0, **understood: object) -> Turn:
    """A scored turn ``minute`` minutes after the beginning."""
    at = START + timedelta(minutes=minute)
    scored = record(f"m{seq}", frustration=frustration, **understood)
    return Turn(f"m{seq}", CASE.conversation_id, seq, "", TurnStatus.ANSWERED, at, scored)


def told(asked: Case, frustration: Sequence[float] = (), said: Sequence[str] = ()) -> str:
    return why(asked, [turn(n, score) for n, score in enumerate(frustration, 1)], said, WORDS)


CONTACTS = reason(
    "repeat_contact", 3, 3, "3rd contact about this in 7 days", "21 November: order_status", "24 November: order_status"
)


def test_the_sentence_names_contact_problem_and_how_the_mood_rose() -> None:
    """P18: the agent knows at a glance."""
    sentence = told(
        case(CONTACTS, reason("frustration", 0.74, 0.6, "ridiculous", "again")),
        (0.2, 0.45, 0.8),
        ("Where is it?", "It's late AGAIN.", "This is ridiculous!"),
    )
    assert sentence == (
        "Third contact in 7 days about where an order is; frustration rose from 0.2 to 0.8 (“ridiculous”, “AGAIN”)."
    )


@pytest.mark.parametrize(
    ("given", "said", "sentence"),
    [
        (
            reason("explicit_request", 1, 0.6, "asked for a person: let me talk to someone"),
            "Let  me talk to someone!",
            "Asked for a person (“Let me talk to someone”).",
        ),
        (reason("explicit_request", 0.8, 0.6, "asked for a person"), "Agent", "Asked for a person."),
        (reason("accepted_offer", 0.9, 0.5, "accepted the offer of a person"), "yes",
         "Said yes to the person that was offered."),
        (reason("repeat_in_words", 3, 3, "in words: third time i write"), "The third time I write to you",
         "Third contact by their own count (“third time I write”)."),
        (reason("repeated_fallback", 3, 3, "not understood; failed 3 times in a row"), "hm",
         "The assistant failed 3 times (not understood)."),
        (reason("repeated_fallback", 1, 2, "not understood"), "hm",
         "The assistant failed once (not understood)."),
        (reason("repetition", 2, 2, "asked the same again; 2 so far"), "hm", "Asked the same again (twice so far)."),
        (reason("low_confidence", 5, 5, "confidence 0.31, 5 unsure turns in a row"), "hm",
         "The assistant was unsure 5 times."),
        (reason("risk_legal", 1, 1, "Legal: i'll sue"), "Then I’ll sue you", "A risk was named: Legal (“I’ll sue”)."),
        (reason("risk_self_harm", 1, 1, "Risk to life: want to die"), "I want to die",
         "A life may be at risk (“want to die”)."),
        (reason("authority_refund", 1250, 200, "£1250.00 asked, the assistant may decide up to £200.00"), "all of it",
         "Asks for £1,250, and the assistant may decide up to £200."),
        (reason("rule_again", 2, 2, "rule again: A member asks again", "tier vip"), "hello", "A member asks again."),
        (reason("vip", 1, 1, "tier vip"), "hello", "A customer of tier vip."),
        (reason("rule", 1, 1, "the rule for resolution_failed hands over"), "no",
         "The rule for resolution failed hands over."),
    ],
    ids=lambda value: value.signal if isinstance(value, Reason) else "",
)  # fmt: skip
def test_each_signal_is_told_in_words_of_its_own(given: Reason, said: str, sentence: str) -> None:
    assert told(case(given), (0.1,), [said]) == sentence


def test_what_stayed_below_its_threshold_is_no_reason_beside_one_that_reached_it() -> None:
    likely = reason("like_handoffs", 0.34, 0.65, "34% of such turns needed a person")
    asked = reason("explicit_request", 1, 0.6, "asked for a person")
    assert told(case(likely, asked)) == "Asked for a person."
    assert told(case(likely)) == "Reads like other conversations that needed a person."


def signals_of_the_scoring() -> Iterator[str]:
    """Every name under which a signal or a reason is made in ``actions``, read from the source.

    A name with a part that is filled in comes once for each risk or authority of the policy, any other with one part;
    a name that is an attribute is that of a need, which the policy names.
    """
    parts = {"risk_": POLICY.risks, "authority_": POLICY.authority}
    makers = {"Signal": "name", "counted": "name", "Reason": "signal"}
    for path in sorted((PROJECT_ROOT / "actions").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        given = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in makers:
                continue
            named = [keyword.value for keyword in node.keywords if keyword.arg == makers[node.func.id]]
            for value in [*named, *node.args[:1]]:
                if isinstance(value, ast.JoinedStr):
                    (start, *_) = value.values
                    assert isinstance(start, ast.Constant)
                    yield from (f"{start.value}{name}" for name in parts.get(str(start.value), ("any",)))
                elif isinstance(value, ast.Attribute):
                    yield from POLICY.signals.meanings
                elif isinstance(value, ast.Name):
                    yield from names_given(value.id, given)
                elif isinstance(value, ast.Constant):
                    yield str(value.value)


def names_given(variable: str, given: Sequence[ast.Assign]) -> Iterator[str]:
    """The names that a variable may hold: ``"this" if so else "that"``."""
    for statement in given:
        if any(isinstance(target, ast.Name) and target.id == variable for target in statement.targets):
            value = statement.value
            either = (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)
            yield from (str(name.value) for name in either if isinstance(name, ast.Constant))


SIGNALS = sorted({*signals_of_the_scoring(), FROM_SYSTEM, SIGNAL})


def test_the_signals_are_found_in_the_source() -> None:
    assert {"frustration", "repetition", "repeat_contact", "rule", "risk_legal", "authority_refund"} <= set(SIGNALS)
    assert {"money_at_stake", "business_critical", "long_wait", "gives_up", "bot_error", "same_answer"} <= set(SIGNALS)


@pytest.mark.parametrize("signal", SIGNALS)
def test_every_signal_has_a_phrase_also_where_nothing_else_is_known(signal: str) -> None:
    assert WORDS.phrases(signal), f"data/wording/agents.yml: why.signals has no phrase for {signal}; add one"
    sentence = told(case(reason(signal, 3, 3), topic=None))
    assert "{" not in sentence
    assert sentence[0] == sentence[0].upper()
    assert signal not in sentence or "_" not in signal


def test_no_phrase_is_kept_for_a_signal_that_is_gone() -> None:
    assert [name for name in WORDS.signals if not any(fnmatchcase(signal, name) for signal in SIGNALS)] == []


def test_a_signal_that_nobody_knows_is_told_readably() -> None:
    assert told(case(reason("bad_weather", 8, 5, "a storm named"))) == "Bad weather (a storm named)."
    assert told(case(reason("bad_weather", 8, 5))) == "Bad weather."


@pytest.mark.parametrize("cause", list(HandoffReason))
def test_a_case_without_signals_tells_its_reason(cause: HandoffReason) -> None:
    sentence = told(case(reason=cause))
    assert sentence == f"{WORDS.reasons[cause][:1].upper()}{WORDS.reasons[cause][1:]}."


TOPICS = sorted({topic for entry in POLICY.categories.values() for topic in entry.topics if "*" not in topic})


@pytest.mark.parametrize("topic", TOPICS)
def test_every_request_that_the_assistant_serves_has_words_for_agents(topic: str) -> None:
    assert topic in WORDS.topics
    assert "your" not in WORDS.topics[topic].split(), "the agent is not the customer"


def test_a_faq_is_named_without_its_shelf() -> None:
    assert "about lost parcel" in told(case(CONTACTS, topic="faq/orders_delivery_lost_parcel"))
    assert "about the same thing" in told(case(CONTACTS, topic=None))


def test_words_are_quoted_only_where_the_customer_wrote_them() -> None:
    given = reason("frustration", 0.9, 0.6, "useless", "(capitals)", "class", "")
    assert told(case(given), (0.9,), ("A classic: USELESS.",)) == "Frustration at 0.9 (“USELESS”)."
    assert told(case(given), (0.9,)) == "Frustration at 0.9."
    assert told(case(given)) == "Frustration at 0.9."


def test_a_mood_that_did_not_rise_is_told_as_one_figure() -> None:
    given = reason("frustration", 0.62, 0.6)
    assert told(case(given), (0.8, 0.62)) == "Frustration at 0.8."
    assert told(case(given), (0.5, 0.62)) == "Frustration at 0.6."


def test_what_customers_write_is_never_read_as_a_placeholder() -> None:
    given = reason("frustration", 0.9, 0.6, "{from}", "{topic.__class__}")
    sentence = told(case(given), (0.9,), ("{topic.__class__} {from}",))
    assert sentence == "Frustration at 0.9 (“{from}”, “{topic.__class__}”)."


def test_an_accepted_offer_tells_also_why_it_was_made() -> None:
    failed = reason("repeated_fallback", 2, 2, "not understood; failed 2 times in a row")
    offer = Decision(action=DecisionAction.OFFER, reason=HandoffReason.REPEATED_FALLBACK, reasons=(failed,))
    turns = [turn(1, 0.1), turn(2, 0.1, decision=offer), turn(3, 0.0)]
    accepted = case(reason("accepted_offer", 0.9, 0.5))
    assert why(accepted, turns, (), WORDS) == (
        "Said yes to the person that was offered; the assistant failed twice (not understood)."
    )


def test_frustration_shown_before_the_last_turn_is_not_forgotten() -> None:
    angry = Decision(reasons=(reason("frustration", 0.9, 0.5, "useless"),))
    turns = [turn(1, 0.1), turn(3, 0.9, decision=angry), turn(5, 0.2)]
    sentence = why(case(reason("explicit_request")), turns, ("so useless",), WORDS)
    assert sentence == "Asked for a person; frustration rose from 0.1 to 0.9 (“useless”)."
    calm = [turn(1, 0.1), turn(3, 0.5, decision=angry), turn(5, 0.2)]
    assert why(case(reason("explicit_request")), calm, (), WORDS) == "Asked for a person."


def test_of_many_reasons_the_strongest_are_told_and_none_twice() -> None:
    reasons = [reason("explicit_request"), reason("frustration", 0.9, 0.6), reason("frustration", 0.9, 0.6)]
    reasons += [reason("low_confidence", 3, 3), reason("vip", 1, 1, "tier vip")]
    assert told(case(*reasons), (0.9,)) == ("Asked for a person; frustration at 0.9; the assistant was unsure 3 times.")


def test_only_turns_of_this_case_count() -> None:
    """What led to an earlier case of the conversation, or was said after the handoff, did not lead to this one."""
    second = replace(CASE, id="second", opened_at=START + timedelta(minutes=9))
    elsewhere = replace(CASE, id="elsewhere", conversation_id="other", opened_at=START + timedelta(minutes=8))
    later = replace(CASE, id="later", opened_at=START + timedelta(minutes=30))
    news = Turn("note", CASE.conversation_id, 0, "/EXTERNAL", TurnStatus.ANSWERED, START + timedelta(minutes=7))
    turns = [turn(1, 0.9), news, turn(5, 0.1, 8), turn(6, 0.3, 9), turn(7, 0.9, 20)]
    led = turns_that_led_to(second, turns, [CASE, elsewhere, later])

    assert [t.seq for t in led] == [5, 6]
    assert [t.seq for t in turns_that_led_to(CASE, turns, [second])] == [1]


def test_the_words_of_a_place_are_those_of_people() -> None:
    assert [WORDS.place(n) for n in (1, 3, 10, 11, 21, 22, 112)] == [
        "first", "third", "tenth", "11th", "21st", "22nd", "112th",
    ]  # fmt: skip
    assert [WORDS.how_often(n) for n in (1, 2, 3)] == ["once", "twice", "3 times"]


def test_every_category_has_a_shelf_of_its_own() -> None:
    assert all(WORDS.topic(f"faq/{category}_some_thing") == "some thing" for category in Category)
    assert WORDS.topic("faq/unknown") == "unknown"


def test_a_record_of_an_older_bot_without_reasons_is_enough() -> None:
    bare = TurnRecord(message_id="m1", intent="order_status", confidence=0.4)
    turns = [Turn("m1", CASE.conversation_id, 1, "", TurnStatus.ANSWERED, START, bare)]
    assert why(case(CONTACTS), turns, (), WORDS).startswith("Third contact")

"""The summary states what is in the record and nothing else (P18)."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from handoff.contract import Attempt, Tier
from handoff.domain.card import corrected
from handoff.domain.cases import Case, CaseContext
from handoff.domain.conversations import Message, SenderType
from handoff.domain.own_words import QUOTE_CHARACTERS, named, one_line, wish
from handoff.domain.people import Customer
from handoff.domain.summary import summarise
from tests.handoff.cast import START, WORDING, record
from tests.handoff.domain.test_cases import CASE

MAYA = Customer("customer-1", "C-1001", "Maya Lind", "maya@mail.example", Tier.PLUS, True, START)
VISITOR = replace(MAYA, external_id=None, name=None, email=None, tier=Tier.STANDARD, verified=False)
words = st.text(alphabet="abcdefgh ", min_size=1, max_size=40).map(one_line).filter(bool)
anything = (
    st.text(min_size=1, max_size=300).map(lambda text: text.replace("\x00", "")).filter(lambda t: bool(t.strip()))
)
spoken = st.one_of(
    anything,
    words,
    st.sampled_from(
        [
            "I want £39.50 back. Please!",
            "can you send it again by 12 March?",
            "I want to talk to a person",
            "my order LH-10001 of 3/4/2026 never came",
            "“quoted” text with ” marks",
        ]
    ),
)


def said(seq: int, text: str, sender: SenderType = SenderType.CUSTOMER) -> Message:
    return Message(f"m{seq}", "conversation-1", seq, sender, None, text, START)


def summary(case: Case, messages: list[Message], *moods: float, customer: Customer = MAYA) -> str:
    return summarise(
        case, customer, messages, [record("m", frustration=f) for f in moods], WORDING.wishes, WORDING.why.topics
    )


def test_who_what_facts_attempts_mood_words_and_wish_are_told() -> None:
    case = replace(
        CASE,
        contact_number=3,
        handoff_message_id="m3",
        context=CaseContext(
            facts={"order_number": "LH-10001"},
            attempts=(Attempt(action="action_order_status", outcome="late"), Attempt(action="utter_faq")),
        ),
    )
    told = summary(
        case,
        [
            said(1, "My parcel with the lamp is late again!"),
            said(2, "It cost £39.50. I want my money back by 12 March."),
            said(3, "a person please"),
            said(4, "hello, is anybody there at all today or tomorrow?"),
        ],
        0.2,
        0.7,
        0.65,
    )

    assert told == (
        "Maya Lind (plus customer, verified) writes about a charge of £12.99. "
        "This is contact number 3 about it. "
        "In their words: “It cost £39.50. I want my money back by 12 March.” "
        "Given so far: order number LH-10001. "
        "Named besides: “£39.50”, “12 March”. "
        "The bot tried: where an order is: late, faq. "
        "Mood: calm at first, frustrated now (frustration 0.65, peak 0.70 over 3 turns)."
    )


def test_the_problem_is_quoted_and_not_the_answers_to_what_the_bot_asked_about_it() -> None:
    lines = [
        "hi",
        "My kettle leaks, water all over the worktop",
        "yes",
        "the blue one",
        "no that didnt help at all",
        "a person",
    ]
    case = replace(CASE, handoff_message_id="m6")

    told = summary(case, [said(seq, text) for seq, text in enumerate(lines, 1)])

    assert "In their words: “My kettle leaks, water all over the worktop”" in told


def test_what_they_want_is_told_where_the_quote_does_not_say_it() -> None:
    told = summary(
        CASE, [said(1, "The kettle leaks all over the table, every single time."), said(2, "I want a new one")]
    )

    assert told.endswith("They want: “I want a new one”")


def test_the_wish_for_a_person_is_not_what_they_want() -> None:
    assert wish(["I want my money back", "I want to speak to a manager"], WORDING.wishes) == "I want my money back"
    assert wish(["get me a human"], WORDING.wishes) == ""


def test_sums_and_days_are_named_as_the_customer_wrote_them() -> None:
    lines = [
        "I paid £1,250.00 on 3/4/2026 and 20 quid on March 3rd",
        "the 12th of May, £1,250.00",
        "model 5000, 3 times",
    ]

    assert named(lines) == ("£1,250.00", "20 quid", "3/4/2026", "March 3rd")


def test_a_corrected_fact_is_told_with_what_stood_there_before() -> None:
    case = replace(CASE, problem="where your order LH-1 is", context=CaseContext(facts={"order_number": "LH-1"}))

    told = summary(corrected(case, {"order_number": "LH-2"}, "It is the blue one"), [])

    assert "writes about where your order LH-2 is." in told
    assert "order number LH-2 (corrected by the customer, before: LH-1)" in told
    assert told.endswith("Added by the customer: “It is the blue one”")


def test_an_unnamed_visitor_is_called_one() -> None:
    assert summary(CASE, [], customer=VISITOR).startswith("A visitor (standard customer, unverified)")


def test_what_is_not_known_is_not_mentioned() -> None:
    text = summary(CASE, [], customer=VISITOR)

    for absent in ("contact number", "Given so far", "Named", "tried", "Mood", "In their words", "want", "Added"):
        assert absent not in text


def test_lines_after_the_handoff_are_not_taken_for_the_problem() -> None:
    case = replace(CASE, handoff_message_id="m1")
    text = summary(
        case, [said(1, "The kettle leaks water"), said(2, "By the way, your website is really very slow today")]
    )

    assert "“The kettle leaks water”" in text
    assert "website" not in text


@given(
    name=st.none() | words,
    problem=words,
    facts=st.dictionaries(st.sampled_from(["order_number", "amount", "product"]), words, max_size=3),
    corrections=st.dictionaries(st.sampled_from(["order_number", "amount", "product"]), words, max_size=2),
    attempts=st.lists(words, max_size=9),
    texts=st.lists(spoken, max_size=5),
    moods=st.lists(st.floats(0, 1), max_size=4),
    line=words,
)
def test_nothing_is_stated_that_is_not_in_the_record(
    name: str | None,
    problem: str,
    facts: dict[str, str],
    corrections: dict[str, str],
    attempts: list[str],
    texts: list[str],
    moods: list[float],
    line: str,
) -> None:
    context = CaseContext(facts=facts, attempts=tuple(Attempt(action=a) for a in attempts))
    case = replace(CASE, problem=problem, context=context, handoff_message_id="m-unknown")
    case = corrected(case, {fact: value for fact, value in corrections.items() if fact in facts}, line)
    messages = [said(seq, text) for seq, text in enumerate(texts, 1)]
    messages += [said(98, "zzz 777 the bot said", SenderType.BOT), said(99, "zzz an agent said", SenderType.AGENT)]
    text = summary(case, messages, *moods, customer=replace(MAYA, name=name))

    assert "zzz" not in text, "only the customer's words are quoted"
    lines = [one_line(spoken) for spoken in texts]
    for before, after in ((r"In their words: “", "”"), ("They want: “", "”")):
        for quote in re.findall(f"{before}(.*?){after}(?= Given| Named| The bot| Mood| They| Added|$)", text):
            assert any(quote.removesuffix("…") in spoken for spoken in lines), quote
            assert len(quote) <= QUOTE_CHARACTERS
    rest = text
    for spoken in sorted([*lines, problem, line, name or "", *facts.values(), *corrections.values()], key=len):
        rest = rest.replace(spoken, "") if len(spoken) > 3 else rest
    known = {*re.findall(r"\d+", " ".join(lines)), *(str(part) for f in moods for part in f"{f:.2f}".split("."))}
    known |= {str(len(moods)), str(max(0, len(dict.fromkeys(attempts)) - 6)), "10"}
    assert set(re.findall(r"\d+", rest)) <= known, "no number is invented"
    assert ("Given so far" in text) == bool(facts)
    for fact in facts:
        assert f"{fact.replace('_', ' ')} {case.context.facts[fact]}" in text
    assert ("The bot tried" in text) == bool(attempts)


def test_a_long_message_is_cut_where_the_quote_ends() -> None:
    quote = summary(CASE, [said(1, "x" * 500)]).split("“")[1]

    assert quote == "x" * (QUOTE_CHARACTERS - 1) + "…”"

"""The summary states what is in the record and nothing else (P18)."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from handoff.contract import Attempt, Tier
from handoff.domain.cases import CaseContext
from handoff.domain.conversations import Message, SenderType
from handoff.domain.people import Customer
from handoff.domain.summary import QUOTE_CHARACTERS, summarise
from tests.handoff.cast import START, record
from tests.handoff.domain.test_cases import CASE

MAYA = Customer("customer-1", "C-1001", "Maya Lind", "maya@mail.example", Tier.PLUS, True, START)
VISITOR = replace(MAYA, external_id=None, name=None, email=None, tier=Tier.STANDARD, verified=False)
words = st.text(alphabet="abcdefgh ", min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(bool)


def said(seq: int, text: str, sender: SenderType = SenderType.CUSTOMER) -> Message:
    return Message(f"m{seq}", "conversation-1", seq, sender, None, text, START)


def test_who_what_facts_attempts_mood_and_words_are_told() -> None:
    case = replace(
        CASE,
        contact_number=3,
        context=CaseContext(
            facts={"order_number": "LH-10001"}, attempts=(Attempt(action="action_order_status", outcome="late"),)
        ),
    )
    text = summarise(case, MAYA, [said(1, "My parcel is late again!")], [record("m1", frustration=0.7)])

    assert "Maya Lind (plus customer, verified)" in text
    assert "a charge of £12.99" in text
    assert "contact number 3" in text
    assert "order number LH-10001" in text
    assert "order status" in text
    assert "frustrated now (frustration 0.70, peak 0.70" in text
    assert "“My parcel is late again!”" in text


def test_an_unnamed_visitor_is_called_one() -> None:
    assert summarise(CASE, VISITOR, [], []).startswith("A visitor (standard customer, unverified)")


def test_what_is_not_known_is_not_mentioned() -> None:
    text = summarise(CASE, VISITOR, [], [])

    for absent in ("contact number", "Given so far", "tried", "Mood", "In their words"):
        assert absent not in text


@given(
    name=st.none() | words,
    problem=words,
    facts=st.dictionaries(st.sampled_from(["order_number", "amount", "product"]), words, max_size=3),
    attempts=st.lists(words, max_size=3),
    texts=st.lists(words, max_size=4),
    moods=st.lists(st.floats(0, 1), max_size=4),
)
def test_nothing_is_stated_that_is_not_in_the_record(
    name: str | None, problem: str, facts: dict[str, str], attempts: list[str], texts: list[str], moods: list[float]
) -> None:
    context = CaseContext(facts=facts, attempts=tuple(Attempt(action=a) for a in attempts))
    case = replace(CASE, problem=problem, context=context)
    customer = replace(MAYA, name=name)
    messages = [said(seq, text) for seq, text in enumerate(texts, 1)]
    messages.append(said(99, "zzz an agent said this zzz", SenderType.AGENT))
    text = summarise(case, customer, messages, [record("m", frustration=f) for f in moods])

    assert "zzz" not in text, "only the customer's words are quoted"
    quoted = re.findall("“(.*)”", text)
    assert all(any(quote.rstrip("…") in said for said in texts) for quote in quoted)
    assert all(len(quote) <= QUOTE_CHARACTERS for quote in quoted)
    assert ("Given so far" in text) == bool(facts)
    assert all(f"{key.replace('_', ' ')} {value}" in text for key, value in facts.items())
    assert ("The bot tried" in text) == bool(attempts)
    numbers = {f"{m:.2f}" for m in moods} | {str(len(moods))}
    assert set(re.findall(r"\d+(?:\.\d+)?", text.split("Mood:")[1].split("In their")[0] if moods else "")) <= numbers


def test_a_long_message_is_cut_where_the_quote_ends() -> None:
    quote = summarise(CASE, MAYA, [said(1, "x" * 500)], []).split("“")[1]

    assert quote == "x" * (QUOTE_CHARACTERS - 1) + "…”"

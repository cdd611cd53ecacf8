"""What is typed to find cases, and where it stands in a text."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.contract import Category
from handoff.domain.cases import CaseStatus
from handoff.domain.errors import BadValue
from handoff.domain.search import FILTERS, SearchQuery, folded, parse_query, snippet, words_of, written


def test_words_phrases_and_filters_are_told_apart() -> None:
    query = parse_query(
        'Kettle "Exact  words" from:maya status:unresolved queue:billing after:2026-10-01 before:2026-11-01'
    )

    assert query.words == ("kettle",)
    assert query.phrases == (("exact", "words"),)
    assert query.customer == "maya"
    assert set(query.statuses) == {CaseStatus.OPEN, CaseStatus.ACTIVE, CaseStatus.WAITING}
    assert query.queues == (Category.BILLING,)
    assert (query.since, query.until) == (date(2026, 10, 1), date(2026, 11, 1))


def test_an_order_number_is_looked_for_as_a_whole() -> None:
    assert parse_query("LH-10001") == SearchQuery(phrases=(("lh", "10001"),))


def test_a_filter_may_name_somebody_of_two_words() -> None:
    assert parse_query('agent:"Ana Duarte"').agent == "Ana Duarte"


def test_an_address_of_a_page_is_no_filter() -> None:
    assert parse_query("https://shop.example").phrases == (("https", "shop", "example"),)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("state:open", 'There is no filter "state:"'),
        ("status:lost", "A status is one of open"),
        ("queue:moon", "A queue is one of"),
        ("severity:9", "from 1 (worst) to 4"),
        ("before:1.11.2026", "Write year-month-day"),
        ("on:2026-02-30", "is no day"),
        ("after:9999-12-31", "is no day"),
        ("on:+9999d", "days from today"),
        ("from:", "something must stand, without a space"),
        ("order:--", "neither a letter nor a digit"),
        ('kettle "exact', "A quotation mark is open"),
        ("x" * 401, "at most 400 characters"),
    ],
)
def test_what_cannot_be_read_is_told_in_plain_words(typed: str, told: str) -> None:
    with pytest.raises(BadValue, match=told.replace("(", r"\(").replace(")", r"\)")) as refused:
        parse_query(typed)

    assert refused.value.data == {"field": "q"}


@pytest.mark.parametrize(
    ("typed", "since", "until", "kept"),
    [
        ("after:today", date(2026, 3, 31), None, "after:today"),
        ("after:-7d", date(2026, 3, 24), None, "after:-7d"),
        ("on:Yesterday", date(2026, 3, 30), date(2026, 3, 31), "after:-1d before:today"),
        ("on:today", date(2026, 3, 31), date(2026, 4, 1), "after:today before:+1d"),
    ],
)
def test_a_day_told_from_today_moves_on_with_the_days(typed: str, since: date, until: date | None, kept: str) -> None:
    query = parse_query(typed)
    now = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)

    assert written(query) == kept
    assert parse_query(kept) == query
    begins = [query.opened_from(now), query.opened_before(now)]
    assert [moment.date() if moment else None for moment in begins] == [since, until]
    month_later = query.opened_from(now + timedelta(days=30))
    assert month_later is not None
    assert month_later.date() == since + timedelta(days=30)


@given(st.text(max_size=120))
def test_whatever_is_typed_is_understood_or_told(typed: str) -> None:
    try:
        query = parse_query(typed)
    except BadValue:
        return
    assert parse_query(written(query)) == query


@given(
    st.lists(
        st.sampled_from(["kettle", '"red lamp"', "LH-10001", "on:-3d", "after:today", *(f"{n}:x" for n in FILTERS)]),
        max_size=5,
    ),
    st.text(alphabet='ab:"-é ', max_size=20),
)
def test_a_query_written_down_is_the_same_query(parts: list[str], more: str) -> None:
    try:
        query = parse_query(" ".join([*parts, more]))
    except BadValue:
        return
    assert parse_query(written(query)) == query


def test_capitals_and_accents_do_not_matter() -> None:
    assert words_of("Crème BRÛLÉE, señor_Muñoz") == ("creme", "brulee", "senor", "munoz")
    assert folded("É") == folded("e\u0301")


def test_a_snippet_shows_the_place_and_marks_what_was_looked_for() -> None:
    text = "Hello there. " * 30 + "The Kéttle leaks, the red lamp too. " + "Thank you. " * 30

    pieces = snippet(parse_query('kett "red lamp"'), text)

    assert [piece.text for piece in pieces if piece.hit] == ["Kéttle", "red", "lamp"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert sum(len(piece.text) for piece in pieces) < 180


@given(st.text(max_size=400), st.text(alphabet="abc \"'é", min_size=1, max_size=8))
def test_a_snippet_is_a_part_of_the_text(text: str, typed: str) -> None:
    try:
        query = parse_query(typed)
    except BadValue:
        return
    shown = "".join(piece.text for piece in snippet(query, text)).strip("…")
    assert shown in " ".join(unicodedata.normalize("NFC", text).split()) or "…" in text

"""What customers read: promises that can be kept, problems named, files that are checked before anybody reads them."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.contract import Category, Mood
from handoff.domain.wait_estimate import WaitRange
from handoff.wording import DURATIONS, NOTICE_WORDS, PROBLEM_CHARACTERS, WordingError, load_wording
from tests.handoff.cast import POLICY, WORDING
from warmline.paths import PROJECT_ROOT

SHIPPED = PROJECT_ROOT / "data" / "wording"
UNITS = {"minute": 1, "hour": 60, "day": 1440}


def minutes_in(promise: str) -> int:
    """How many minutes a promise allows."""
    found = re.search(r"(\d+|\ban?) (minute|hour|day)", promise)
    assert found is not None, promise
    return (int(found[1]) if found[1].isdigit() else 1) * UNITS[found[2]]


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30)))
def test_a_promise_is_never_shorter_than_the_time_it_takes(span: timedelta) -> None:
    """P25: rounded up, so that it can be kept."""
    assert timedelta(minutes=minutes_in(WORDING.within(span))) >= span


@given(st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=30)))
def test_a_promise_is_not_vaguer_than_its_unit(span: timedelta) -> None:
    promised = timedelta(minutes=minutes_in(WORDING.within(span)))
    unit = timedelta(minutes=1) if span <= timedelta(minutes=59) else timedelta(hours=1)
    unit = timedelta(days=1) if span > timedelta(hours=47) else unit
    assert promised - span < unit + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(0), "within a minute"),
        (timedelta(seconds=61), "within 2 minutes"),
        (timedelta(minutes=59), "within 59 minutes"),
        (timedelta(minutes=60), "within an hour"),
        (timedelta(minutes=61), "within 2 hours"),
        (timedelta(hours=47), "within 47 hours"),
        (timedelta(hours=48), "within 2 days"),
        (timedelta(days=2, minutes=1), "within 3 days"),
    ],
)
def test_spans_read_as_people_say_them(span: timedelta, said: str) -> None:
    assert WORDING.within(span) == said


def test_a_problem_is_named_with_the_facts_that_are_known() -> None:
    """P22: the acknowledgement names the specific problem."""
    known = WORDING.problem("order_status", {"order_number": "LH-10234"}, Category.ORDERS_DELIVERY)

    assert "LH-10234" in known
    assert "{" not in WORDING.problem("order_status", {}, Category.ORDERS_DELIVERY)
    assert WORDING.problem("faq/billing_anything", {}, Category.BILLING) == WORDING.problem_patterns["faq/billing_*"]
    assert WORDING.problem("unheard_of", {}, Category.PLAN) == WORDING.problem_of_category["plan"]
    assert WORDING.problem(None, {}, Category.PLAN) == WORDING.problem_of_category["plan"]


def test_a_fact_too_long_for_a_phrase_is_left_out() -> None:
    phrase = WORDING.problem("order_status", {"order_number": "9" * 4000}, Category.ORDERS_DELIVERY)

    assert len(phrase) <= PROBLEM_CHARACTERS


def test_words_of_a_customer_are_never_read_as_placeholders() -> None:
    phrase = WORDING.problem("order_status", {"order_number": "{agent.__class__}"}, Category.ORDERS_DELIVERY)

    assert "{agent.__class__}" in phrase


@pytest.mark.parametrize("key", sorted(NOTICE_WORDS))
def test_every_variant_of_a_notice_is_whole_whatever_is_filled_in(key: str) -> None:
    for seed in range(8):
        text = WORDING.notice(key, Random(seed), **dict.fromkeys(NOTICE_WORDS[key], "something"))
        assert "{" not in text
        assert text[0] == text[0].upper()


FILLED = st.fixed_dictionaries(
    {
        "name_greeting": st.sampled_from(["", "Maya, ", "jo, "]),
        "problem": st.sampled_from(["where your order LH-10001 is", "your refund", "ways to pay"]),
        "queue": st.sampled_from(["Billing", "Larkfield Care"]),
        "position": st.integers(1, 99),
        "next_update": st.sampled_from(["within a minute", "within 2 hours"]),
        "case_number": st.sampled_from(["C-1", "C-1002"]),
        "contact_number": st.integers(2, 5),
        "agent": st.sampled_from(["Ben Okafor", "a colleague"]),
        "owner": st.sampled_from(["Bea Novak", "a colleague"]),
        "former": st.sampled_from(["Bea Novak", "a colleague"]),
        "line": st.sampled_from(["Glad that you found it.", "The parcel is there."]),
        "level_name": st.just("specialist"),
        "outcome": st.sampled_from(["A new kettle is on its way.", "Your money is back."]),
        "cause": st.just("A delay at the carrier."),
        "plan": st.just("I ask the depot and write to you."),
        "what": st.just("The number on the label."),
        "closes": st.sampled_from(["within 2 days", "within 12 hours"]),
        "wait": st.sampled_from(["a minute or less", "5 to 15 minutes"]),
        "back": st.sampled_from(["tomorrow from 08:00", "on Monday from 09:00"]),
        "email": st.sampled_from(["maya@mail.example", "maya @mail.example"]),
        "fault": st.just("there's a space in it."),
        "announcement": st.just("The app is down."),
        "resolution": st.just("The app works again."),
        "amount": st.sampled_from(["£39.00", "£1,250.00"]),
        "reference": st.just("F-14E2B182FD"),
        "arrives": st.just("within 5 days"),
    }
)


@pytest.mark.parametrize("key", sorted(WORDING.notices))
@settings(deadline=None, max_examples=25)  # the machine may be busy
@given(fillings=st.lists(FILLED, min_size=1, max_size=8), seed=st.integers(0, 99))
def test_a_notice_never_comes_twice_in_the_same_words_while_others_are_left(
    key: str, fillings: list[dict[str, object]], seed: int
) -> None:
    """Whatever was filled in: a customer notices the same sentence, not the same template."""
    variants, said, told = WORDING.notices[key], list[str](), list[str]()
    for filled in fillings:
        text = WORDING.notice(key, Random(seed), said, **filled)
        assert not re.search(r"[{}]|\s\s|\s[.,;:]", text)
        assert text[0].isupper()
        assert text[-1] in ".!?"
        (variant,) = [one for one in variants if one.format_map(filled)[1:] == text[1:]]
        assert variant not in told[-(len(variants) - 1) :] or len(variants) == 1
        told.append(variant)
        said.append(text)


def test_a_notice_is_known_again_where_a_paragraph_was_added_to_it() -> None:
    variants, said = WORDING.notices["survey_thanks"], list[str]()
    for _ in variants:
        said.append(WORDING.notice("survey_thanks", Random(1), said, agent="Ben") + "\n\nNobody is there.")

    assert len(set(said)) == len(variants) > 1


LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("now", "opens", "told"),
    [
        ("2026-03-02T21:00", "2026-03-03T08:00", "tomorrow from 08:00"),
        ("2026-03-03T00:30", "2026-03-03T08:00", "today from 08:00"),
        ("2026-03-07T18:00", "2026-03-09T08:00", "on Monday from 08:00"),
        ("2026-12-24T22:00", "2026-12-31T08:00", "on Thursday, 31 December, from 08:00"),
        # The clock is put forward in the night: the team still comes at eight by the clock on the wall.
        ("2026-03-28T22:00", "2026-03-29T07:00", "tomorrow from 08:00"),
        # It is past midnight in London while it is not yet in UTC.
        ("2026-07-01T23:30", "2026-07-02T07:00", "today from 08:00"),
    ],
)
def test_when_somebody_will_be_there_is_said_by_the_clock_of_the_queue(now: str, opens: str, told: str) -> None:
    """Pain 11: both moments are in UTC, the words are not."""
    at, then = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, opens))

    assert WORDING.times.back(then, at, LONDON) == told


def test_an_opening_that_nobody_knows_is_not_dated() -> None:
    assert WORDING.times.back(None, datetime(2026, 3, 2, tzinfo=UTC), LONDON) == "as soon as somebody is there"


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(0, 1, "a minute or less"), (0, 5, "at most 5 minutes"), (10, 25, "10 to 25 minutes")],
)
def test_a_range_reads_as_people_say_it(low: int, high: int, told: str) -> None:
    assert WORDING.times.wait(WaitRange(low, high)) == told


@pytest.mark.parametrize(
    ("severity", "mood", "key"),
    [
        (3, None, "handoff_opened"),
        (4, Mood.FRUSTRATED, "handoff_opened_frustrated"),
        (2, None, "handoff_opened_severe"),
        (2, Mood.FRUSTRATED, "handoff_opened_severe_frustrated"),
        (1, Mood.ANNOYED, "handoff_opened_severe"),
    ],
)
def test_a_handoff_is_told_in_the_words_that_come_nearest(severity: int, mood: Mood | None, key: str) -> None:
    assert WORDING.toned("handoff_opened", severity, mood) == key


def test_a_notice_without_words_for_a_mood_is_told_in_its_own() -> None:
    assert WORDING.toned("handoff_priority", 1, Mood.WORRIED) == "handoff_priority"
    assert WORDING.toned("handoff_risk_safety", 1, Mood.WORRIED) == "handoff_risk_safety"


def test_every_root_cause_of_the_policy_has_words_for_the_customer() -> None:
    causes = {cause for group in POLICY.root_causes.values() for cause in group.causes}

    assert causes
    assert all(WORDING.cause(cause) for cause in causes)
    assert WORDING.cause("not_in_the_list") == WORDING.labels["unknown_cause"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "wording"))


def change(folder: Path, old: str, new: str, name: str = "notices.yml") -> Path:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{next_update}.", "{next_updat}.", "next_updat"),
        ("  handoff_opened_let_down:", "  handoff_opened_letdown:", "nobody gives the notice handoff_opened_letdown"),
        ("and our {queue} team can do more", "and our {team} team can do more", "'team'"),
        ("  survey_thanks:", "  survey_thank_you:", "survey_thanks is missing"),
        ("    minute:", "    minutee:", "labels.durations has no minute"),
        ("  some_agent:", "  somebody:", "labels has no some_agent"),
        ("  bot_name:", "  robot_name:", "widget has no bot_name"),
        ("widget:\n", "gadget:\n", "'widget'"),
        ("notices:\n", "notices: [\n", "notices.yml"),
        ("no_answers:\n", "answers:\n", "'no_answers'"),
        ("no_answers:\n", "no_answers: utter_greet\nothers:\n", "no_answers: 'utter_greet'"),
    ],
)
def test_a_slip_in_the_wording_is_found_at_the_start_and_named(folder: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(WordingError, match=re.escape(says)):
        load_wording(change(folder, old, new))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{ordinal} contact", "{ordnal} contact", "holds ordnal"),
        ("({words})", "({words)", "a lone brace"),
        ("    bot_error:", "    robot_error:", "'robot_error' is not a valid HandoffReason"),
        ('    sla: "a deadline was missed"\n', "", "why.reasons has no sla"),
        ("why:\n", "because:\n", "'why' is missing"),
        ("notifications:\n", "told:\n", "'notifications' is missing"),
        ('by {agent}"', 'by {agnt}"', "offer_lost holds agnt"),
        ("  low_rating:", "  poor_rating:", "poor_rating"),
        ('    rule:\n      - "{detail}"\n', '    rule: "{detail}"\n    other:\n', "a list of phrases for rule"),
    ],
)
def test_a_slip_in_the_agents_wording_is_found_at_the_start_and_named(
    folder: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(WordingError, match=re.escape(says)) as told:
        load_wording(change(folder, old, new, "agents.yml"))
    assert "agents.yml" in str(told.value)


@pytest.mark.parametrize("name", ["notices.yml", "problems.yml", "agents.yml"])
def test_a_missing_file_says_which(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(WordingError, match=rf"{re.escape(name)} is missing"):
        load_wording(folder)


def test_a_queue_without_a_name_is_refused(folder: Path) -> None:
    with pytest.raises(WordingError, match="no name for billing"):
        load_wording(change(folder, "  billing:", "  bills:", "problems.yml"))


def test_durations_are_all_there() -> None:
    assert set(DURATIONS) <= WORDING.durations.keys()

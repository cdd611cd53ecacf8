"""The FAQ as it stands in the files now, and the nearest answers to a problem (P21)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from handoff.faq import QUESTIONS_USED, LiveFaq
from handoff.services import meaning
from handoff.services.faq_answers import SAVED, FaqAnswers
from handoff.services.meaning import Meaning
from models.encoder.encode import DEFAULT_DIRECTORY
from tests.handoff.cast import BEN, House
from tests.handoff.words import SharedWords
from warmline.paths import PROJECT_ROOT

ONE = """
nlu:
- intent: faq/lamps
  examples: |
    - where is my lamp
    - lamp not here
- intent: small_talk
  examples: |
    - hello
responses:
  utter_faq/lamps:
  - text: A week.
  - text: Seven days.
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "one.yml").write_text(ONE, encoding="utf-8")
    return tmp_path


def ticking() -> Callable[[], float]:
    ticks = iter(range(1000))
    return lambda: float(next(ticks))


def test_the_shipped_faq_is_read_whole_with_an_answer_for_every_entry() -> None:
    entries = LiveFaq(PROJECT_ROOT / "data", ticking()).now()

    asked = {
        line.split()[-1]
        for path in (PROJECT_ROOT / "data" / "faq").glob("*.yml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("- intent: faq/")
    }
    assert {entry.topic for entry in entries} == asked
    assert all(entry.answer and 1 <= len(entry.questions) <= QUESTIONS_USED for entry in entries)


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(data: Path) -> None:
    faq = LiveFaq(data, ticking())
    first = faq.now()
    assert faq.now() is first

    (data / "faq" / "one.yml").write_text(ONE.replace("A week", "Two weeks"), encoding="utf-8")

    assert [entry.answer for entry in faq.now()] == ["Two weeks."]


def test_a_file_in_the_middle_of_an_edit_keeps_its_last_good_answers(data: Path) -> None:
    faq = LiveFaq(data, ticking())
    first = faq.now()

    (data / "faq" / "one.yml").write_text("nlu: [", encoding="utf-8")

    assert faq.now() == first


def test_an_entry_without_an_answer_is_nothing_to_show(data: Path) -> None:
    (data / "faq" / "one.yml").write_text(ONE.partition("responses")[0], encoding="utf-8")

    assert LiveFaq(data, ticking()).now() == ()


async def nearest(house: House, answers: FaqAnswers, encoder: SharedWords, said: str) -> list[str]:
    conversation = await house.begin()
    case_id = await house.hand_over(conversation, await house.say(conversation, said))
    context = replace(house.context, meaning=Meaning(lambda: encoder))
    return [near.topic for near in await answers.of(context, case_id, BEN)]


async def test_questions_are_encoded_once_for_all_starts(sqlite_house: House, data: Path) -> None:
    first, second, other = SharedWords(), SharedWords(), SharedWords("another")

    assert await nearest(sqlite_house, FaqAnswers(LiveFaq(data, ticking()), data), first, "where is my lamp") == [
        "faq/lamps"
    ]
    conversation_text = "where is my lamp today"
    await nearest(sqlite_house, FaqAnswers(LiveFaq(data, ticking()), data), second, conversation_text)
    await nearest(sqlite_house, FaqAnswers(LiveFaq(data, ticking()), data), other, conversation_text)

    assert "lamp not here" in first.encoded
    assert "lamp not here" not in second.encoded
    assert "lamp not here" in other.encoded, "vectors of another encoder are never compared"


async def test_a_damaged_file_of_vectors_is_made_anew(sqlite_house: House, data: Path) -> None:
    (data / SAVED).write_bytes(b"no archive")

    assert await nearest(sqlite_house, FaqAnswers(LiveFaq(data, ticking()), data), SharedWords(), "where is my lamp")


async def test_the_right_answer_is_near_to_what_customers_write(
    sqlite_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To encode every question takes seconds; at the desk one is told to ask again.
    monkeypatch.setattr(meaning, "PATIENCE_SECONDS", 300.0)
    if not DEFAULT_DIRECTORY.exists():
        pytest.skip("the encoder is not prepared")
    conversation = await sqlite_house.begin()
    said = await sqlite_house.say(conversation, "somebody logged into my account from abroad, it wasn't me")
    case_id = await sqlite_house.hand_over(conversation, said)
    context = replace(sqlite_house.context, meaning=Meaning.of_files(DEFAULT_DIRECTORY))

    found = await FaqAnswers(LiveFaq(PROJECT_ROOT / "data", ticking()), tmp_path).of(context, case_id, BEN)
    context.meaning.close()

    assert "faq/account_security_suspicious_sign_in" in {near.topic for near in found}

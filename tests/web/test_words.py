"""What the desk and the board say: every language says all of it, with the same values in it, and nothing is unused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest

from handoff.domain.cases import Step

from .fake_app import WEB

STRINGS: Final = WEB / "strings"
LANGUAGES: Final = ("en", "de", "es")
SECTIONS: Final = sorted(path.stem for path in (STRINGS / "en").glob("*.json"))


def texts(language: str, section: str) -> dict[str, str | dict[str, str]]:
    found: dict[str, str | dict[str, str]] = json.loads((STRINGS / language / f"{section}.json").read_text())
    return found


def places(text: str | dict[str, str]) -> set[str]:
    """The values in a text; of a plural, those of its fullest form (“one” may say the number in a word)."""
    return set(re.findall(r"\{(\w+)\}", text if isinstance(text, str) else text["other"]))


def sources() -> str:
    folders = ("desk", "board", "shared")
    return "".join(path.read_text() for folder in folders for path in sorted((WEB / folder).glob("**/*.js")))


def used() -> tuple[set[str], set[str]]:
    """Keys that stand in the code as they are, and beginnings of those that are put together."""
    code = sources()
    whole = set(re.findall(r'"([a-z]\w*\.[a-z]\w*)"', code))
    return whole, set(re.findall(r"`([a-z]\w*\.\w*)\$\{", code))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_every_language_has_every_text_with_the_same_values(section: str, language: str) -> None:
    english, other = texts("en", section), texts(language, section)
    assert sorted(other) == sorted(english)
    assert {key: places(text) for key, text in other.items()} == {key: places(text) for key, text in english.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_no_text_is_empty_and_plurals_have_a_form_for_the_rest(section: str, language: str) -> None:
    forms = [text if isinstance(text, str) else text.get("other", "") for text in texts(language, section).values()]
    assert all(form.strip() for form in forms)


def test_every_text_that_the_pages_ask_for_exists() -> None:
    known = {f"{section}.{key}" for section in SECTIONS for key in texts("en", section)}
    asked, begun = used()
    missing = {key for key in asked if key.split(".")[0] in SECTIONS} - known
    assert missing == set()
    assert {
        start for start in begun if start.split(".")[0] in SECTIONS and not any(key.startswith(start) for key in known)
    } == set()


def test_no_text_is_left_over() -> None:
    asked, begun = used()
    known = {f"{section}.{key}" for section in SECTIONS for key in texts("en", section)}
    assert {key for key in known - asked if not key.startswith(tuple(begun))} == set()


def test_languages_have_the_same_files() -> None:
    assert {language: sorted(path.name for path in Path(STRINGS / language).glob("*")) for language in LANGUAGES} == {
        language: [f"{section}.json" for section in SECTIONS] for language in LANGUAGES
    }


def test_every_step_of_a_case_has_a_name_in_its_history() -> None:
    assert {f"step_{step}" for step in Step} - texts("en", "codes").keys() == set()

"""The widget speaks the language of the page around it, and a translation's mistake is found at the start."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from handoff.contract_cards import MoneyBackState, OrderCardState
from handoff.wording import Wording, WordingError, load_wording
from tests.handoff.service import CUSTOMER, Service
from warmline.paths import PROJECT_ROOT

SHIPPED = PROJECT_ROOT / "data" / "wording"
NAMES = {"language", "direction", "title", "bot_name"}
"""The same in all three: names, and that they run from left to right."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "wording"))


@pytest.fixture(scope="module")
def shipped() -> Wording:
    return load_wording(SHIPPED)


@pytest.mark.parametrize("language", ["de", "es"])
def test_every_text_of_the_widget_is_there_in_german_and_spanish(shipped: Wording, language: str) -> None:
    same = {key for key, text in shipped.widget_in[language].items() if text == shipped.widget[key]}
    assert same == NAMES - {"language"}


def test_every_state_of_a_card_has_its_words(shipped: Wording) -> None:
    of_returns = {MoneyBackState.REGISTERED, MoneyBackState.RECEIVED, MoneyBackState.REFUNDED}
    states = {f"order_{state}" for state in OrderCardState}
    states |= {f"{'return' if state in of_returns else 'refund'}_{state}" for state in MoneyBackState}
    with_a_day = {f"{state}_day" for state in states if state.startswith("re")} - {"return_refunded_day"}

    assert states | with_a_day <= shipped.widget.keys()


@pytest.mark.parametrize(
    ("page", "spoken"), [("de", "de"), ("de-AT", "de"), ("ES-mx", "es"), ("en-GB", "en"), ("fr", "en"), (None, "en")]
)
def test_the_pages_language_chooses_and_english_stands_in(shipped: Wording, page: str | None, spoken: str) -> None:
    assert shipped.widget_for(page)["language"] == spoken


def test_a_text_that_a_translation_lacks_stands_in_english(folder: Path) -> None:
    (folder / "widget.fr.yml").write_text('send: "Envoyer"\n')
    words = load_wording(folder).widget_for("fr-CA")
    assert (words["send"], words["close"]) == ("Envoyer", "Close chat")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("widget.fr.yml", 'sned: "Envoyer"', "nothing called sned"),
        ("widget.fr.yml", 'banner_case: "Dossier {numero}"', "{numero}, which nobody fills in"),
        ("widget.fr.yml", "- send", "must hold a mapping"),
        ("widget.fr.yml", "send: [", "mend the YAML"),
        ("widget.french.yml", 'send: "Envoyer"', "name it after its language"),
    ],
)
def test_a_mistake_in_a_translation_is_told_with_its_mend(folder: Path, name: str, content: str, told: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(WordingError) as found:
        load_wording(folder)
    assert told in str(found.value)
    assert name in str(found.value)


async def test_whoever_resumes_on_another_page_is_spoken_to_in_its_language(service: Service) -> None:
    first = await service.call("POST", f"{CUSTOMER}/conversations", json={"language": "de-DE"})
    told = first.body["wording"]
    again = await service.call(
        "POST",
        f"{CUSTOMER}/conversations",
        json={"language": "es"},
        headers={"Authorization": f"Bearer {first.body['token']}"},
    )

    assert (told["language"], told["send"]) == ("de", "Senden")
    assert again.body["conversation_id"] == first.body["conversation_id"]
    assert again.body["wording"]["send"] == "Enviar"

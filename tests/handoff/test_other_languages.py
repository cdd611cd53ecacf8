"""What customers read of a case comes in their language: German, Spanish, and English for everybody else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from handoff.contract import Category
from handoff.domain.conversations import SenderType
from handoff.services import case_steps, conversations
from handoff.services.reading import customer_state
from handoff.wording import Wording, WordingError, load_wording
from tests.handoff.cast import GRACE, House
from tests.handoff.service import Service
from warmline.paths import PROJECT_ROOT

SHIPPED = PROJECT_ROOT / "data" / "wording"
LANGUAGES = ("de", "es")
NAMES = {"labels.queues.plan"}
"""The same in all three: a name."""


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load((SHIPPED / name).read_text(encoding="utf-8"))
    return content


def texts(content: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its place; the variants of a notice are one."""
    if isinstance(content, Mapping):
        for key, inside in content.items():
            yield from texts(inside, f"{place}.{key}".lstrip("."))
    else:
        yield place, str(content)


def places(content: dict[str, Any], *parts: str) -> dict[str, str]:
    return dict(texts({part: content[part] for part in parts}))


def in_braces(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.fixture(scope="module")
def shipped() -> Wording:
    return load_wording(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "wording"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_label_and_mail_is_there_in_german_and_spanish_with_the_same_values(language: str) -> None:
    house = places(read("notices.yml"), "notices", "labels", "mail")
    other = places(read(f"notices.{language}.yml"), "notices", "labels", "mail")

    assert other.keys() == house.keys()
    assert {place for place in house if in_braces(other[place]) != in_braces(house[place])} == set()
    assert {place for place in house if other[place] == house[place]} <= NAMES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_variant_of_a_notice_says_all_that_its_customer_must_know(language: str) -> None:
    found = read(f"notices.{language}.yml")["notices"]
    lacking = {
        key: variant
        for key, variants in found.items()
        for variant in variants
        if key.startswith(("handoff_", "bot_handoff", "opened_", "case_re", "case_trans", "case_esc"))
        and in_braces(variant) != in_braces(str(variants))
    }
    assert lacking == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_request_and_every_kind_of_question_has_a_name_in_german_and_spanish(language: str) -> None:
    house, other = read("problems.yml"), read(f"problems.{language}.yml")
    house["problems"] = {topic: name for topic, name in house["problems"].items() if not topic.startswith("faq/")}

    mine, theirs = (places(content, "problems", "patterns", "category") for content in (house, other))
    assert theirs.keys() == mine.keys()
    assert {place for place in mine if not in_braces(theirs[place]) <= in_braces(mine[place])} == set()
    assert {place for place in mine if theirs[place] == mine[place]} == set()


@pytest.mark.parametrize(
    ("language", "queue"),
    [("de-AT", "Technische Hilfe"), ("ES", "Ayuda técnica"), ("fr", "Technical help"), (None, "Technical help")],
)
def test_the_customers_language_chooses_and_english_stands_in(
    shipped: Wording, language: str | None, queue: str
) -> None:
    assert shipped.to(language).queue(Category.TECHNICAL) == queue


def test_a_problem_is_named_by_its_topic_or_its_kind(shipped: Wording) -> None:
    german = shipped.to("de")
    facts = {"order_number": "LH-10001"}

    assert german.problem("order_status", facts, Category.GENERAL) == "den Stand Ihrer Bestellung LH-10001"
    assert german.problem("faq/plan_price", {}, Category.PLAN) == "eine Frage zu Larkfield Care"
    assert german.problem(None, {}, Category.BILLING) == "Ihre Zahlung oder Rechnung"


def test_what_a_file_lacks_stands_in_english_but_never_a_mood_of_it(folder: Path) -> None:
    french_file = "labels: {some_agent: un collègue}\nnotices: {bot_trouble: [Un instant.]}\n"
    (folder / "notices.fr.yml").write_text(french_file, encoding="utf-8")
    french = load_wording(folder).to("fr")

    assert french.labels["some_agent"] == "un collègue"
    assert french.notices["bot_trouble"] == ("Un instant.",)
    assert french.notices["case_resolved"] == load_wording(folder).notices["case_resolved"]
    assert french.toned("handoff_opened", 3, None) == "handoff_opened"
    assert "handoff_opened_annoyed" not in french.notices


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("notices.fr.yml", "notices: {bot_truble: [x]}", "nothing is called notices.bot_truble"),
        ("notices.fr.yml", "labels: {durations: {hours: '{heures} h'}}", "{heures}, which nobody fills in"),
        ("notices.fr.yml", "notices: {bot_trouble: x}", "must be of the same form"),
        ("notices.fr.yml", "labels: [x]", "must hold a mapping"),
        ("notices.fr.yml", "- x", "must hold a mapping"),
        ("notices.fr.yml", "labels: [", "mend the YAML"),
        ("notices.french.yml", "{}", "name it after its language"),
        ("problems.de.yml", "problems: {order_state: {without: x}}", "nothing is called problems.order_state"),
    ],
)
def test_a_mistake_in_a_translation_is_told_with_its_mend(folder: Path, name: str, content: str, told: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(WordingError) as found:
        load_wording(folder)
    assert told in str(found.value)
    assert name in str(found.value)


async def test_a_customer_on_a_german_page_reads_the_milestones_of_their_case_in_german(house: House) -> None:
    begun = await conversations.begin(house.context, identity=None, name="Jonas", language="de-DE")
    conversation = begun.conversation
    accepted = await conversations.receive_person_request(house.context, conversation.id, "client-0001")
    case_id = await house.hand_over(conversation, accepted.message)
    await house.arrives(GRACE)
    await case_steps.accept(house.context, case_id, GRACE, override_reason="Nobody else speaks German today.")
    said = await house.messages(conversation)
    notices = {message.notice: message.text for message in said if message.sender is SenderType.SYSTEM}
    state = await customer_state(house.context, conversation.id)

    assert said[0].text == "Ich möchte mit einem Menschen sprechen."
    assert "den Stand Ihrer Bestellung LH-10001" in notices["handoff_opened"]
    assert "Team Bestellung und Lieferung" in notices["handoff_opened"]
    assert "Grace" in notices["case_assigned"]
    assert "Sie hören innerhalb" in notices["case_assigned"]
    assert state.card is not None
    assert state.card.problem == "den Stand Ihrer Bestellung LH-10001"


async def test_the_widget_hears_queue_and_problem_in_the_customers_language_and_agents_in_theirs(
    service: Service,
) -> None:
    customer = await service.customer(None, language="es")
    case_id = await service.case(customer)
    heard = await customer.call("GET", "/conversation")
    desk = await service.agent(GRACE)
    seen = await desk.get(f"/cases/{case_id}")
    case = heard.body["state"]["case"]

    assert case["queue"] == "Pedidos y entregas"
    assert case["problem"] == heard.body["state"]["card"]["problem"]
    assert case["problem"].startswith("el estado de su pedido")
    assert seen.body["case"]["queue"] == "Orders and delivery"
    assert seen.body["case"]["problem"] != case["problem"]

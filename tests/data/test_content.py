"""The content team's files keep their rules: enough examples, no two meanings, wording that can be filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from ruamel.yaml import YAML

from handoff.contract import HandoffReason
from handoff.wording import NOTICE_WORDS
from tests.data.question_set import asked, noisy, two_requests
from warmline.content.schema import training_files

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
CATEGORIES = (
    "billing",
    "orders_delivery",
    "returns_refunds",
    "technical",
    "account_security",
    "plan",
    "general",
)
SELF_SERVICE = {
    "order_status",
    "change_order",
    "cancel_order",
    "delivery_options",
    "report_problem_item",
    "return_item",
    "request_refund",
    "invoice_copy",
    "explain_charge",
    "change_address",
    "reset_access",
    "pause_plan",
    "end_plan",
    "troubleshoot_device",
    "list_orders",
    "reschedule_delivery",
    "resend_confirmation",
    "refund_status",
    "return_status",
    "cancel_return",
    "plan_status",
    "resume_plan",
    "guarantee_check",
    "repair_status",
    "check_stock",
    "gift_card_balance",
}
CONVERSATIONAL = {
    "greet",
    "goodbye",
    "thanks",
    "affirm",
    "deny",
    "stop",
    "help_menu",
    "bot_challenge",
    "how_are_you",
    "bot_name",
    "joke",
    "compliment",
    "apologise",
    "wait_please",
    "repeat_answer",
    "confused",
    "talk_to_person",
    "decline_person",
    "complain",
    "not_helpful",
    "resolution_worked",
    "resolution_failed",
    "inform",
}
TURNED_AWAY = "nlu_fallback"  # examples of what is out of scope stand under Rasa's own fallback intent
PAYLOAD_ONLY = {"EXTERNAL_case_resolved", "choose_topic"}

OPENED = {"name_greeting", "problem", "queue", "position", "next_update", "case_number"}
NOTICES: dict[str, set[str]] = {
    "handoff_opened": OPENED,
    "handoff_priority": OPENED | {"contact_number"},
    "handoff_risk_safety": OPENED,
    "handoff_risk_self_harm": OPENED,
    "case_assigned": {"agent", "problem", "queue", "next_update"},
    "case_transferred": {"queue", "position", "next_update"},
    "case_escalated": {"queue", "level_name", "position", "next_update"},
    "next_update_renewed": {"agent", "next_update"},
    "promise_missed": {"agent", "next_update"},
    "promise_missed_queue": {"queue", "position", "next_update"},
    "case_resolved": {"agent", "outcome", "cause"},
    "case_reopened": {"agent", "next_update"},
    "case_reopened_queue": {"queue", "position", "next_update"},
    "survey_thanks": {"agent"},
    "survey_sorry": {"agent"},
    "bot_trouble": set(),
    "bot_handoff": OPENED,
    "still_with_bot": set(),
    "returned_to_queue": {"queue", "position", "next_update"},
    "conversation_closed": set(),
    "action_uncertain": set(),
}
TONES = ("annoyed", "frustrated", "worried", "let_down", "back_again", "abusive")
NOTICES |= {f"handoff_opened_{tone}": OPENED for tone in (*TONES, "severe", "severe_frustrated", "severe_worried")}
NOTICES |= {f"handoff_priority_{tone}": OPENED | {"contact_number"} for tone in ("frustrated", "back_again")}
PROBLEM_WORDS = {"order_number", "invoice_number", "amount", "product", "device", "item", "date"}
ENTITIES = {"order_number", "invoice_number", "gift_card_number", "email", "amount", "date", "product", "postcode"}

ANNOTATION = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<entity>[^)]+)\)")


def load(path: Path) -> dict[str, Any]:
    """Read one YAML file as a mapping."""
    content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict), f"{path} must hold a mapping"
    return content


def plain(example: str) -> str:
    """The example as a customer would type it, without annotations."""
    return ANNOTATION.sub(lambda found: found["text"], example)


def normalised(text: str) -> str:
    """Lower case, no punctuation, single spaces: what makes two examples the same."""
    return " ".join(re.sub(r"[^\w£ ]", " ", plain(text).lower().replace("'", "")).split())


def placeholders(text: str) -> set[str]:
    """The words in braces of a wording."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def examples_of(directory: str) -> Iterator[tuple[str, str]]:
    """Every (intent, example) of a directory under data/."""
    for path in sorted((DATA / directory).glob("*.yml")):
        for block in load(path)["nlu"]:
            if "intent" not in block:  # lookup tables and synonyms
                continue
            for line in block["examples"].splitlines():
                assert line.startswith("- "), f"{path}: '{line}' must start with '- '"
                yield block["intent"], line.removeprefix("- ").strip()


def by_intent(directory: str) -> dict[str, list[str]]:
    """All examples of a directory under data/, by intent."""
    found: dict[str, list[str]] = {}
    for intent, example in examples_of(directory):
        found.setdefault(intent, []).append(example)
    return found


@pytest.fixture(scope="module")
def intents() -> dict[str, list[str]]:
    return by_intent("nlu")


@pytest.fixture(scope="module")
def faqs() -> dict[str, list[str]]:
    return by_intent("faq")


@pytest.fixture(scope="module")
def questions() -> dict[str, list[str]]:
    """The whole test set, by where it stands; tests/data/test_questions.py checks what is in it."""
    rewritten = {f"{kind}/{label}": found for kind, labels in noisy().items() for label, found in labels.items()}
    return asked() | rewritten | {"two_requests": [message.text for message in two_requests()]}


@pytest.fixture(scope="module")
def wording() -> dict[str, Any]:
    return load(DATA / "wording" / "notices.yml")


def test_every_intent_is_there_and_has_at_least_25_examples(intents: dict[str, list[str]]) -> None:
    assert set(intents) == SELF_SERVICE | CONVERSATIONAL | {TURNED_AWAY}
    assert {intent: len(found) for intent, found in intents.items() if len(found) < 25} == {}


def test_a_payload_that_no_customer_types_has_no_examples(intents: dict[str, list[str]]) -> None:
    assert PAYLOAD_ONLY.isdisjoint(intents)


def test_every_category_has_at_least_six_questions_in_its_own_file() -> None:
    assert {path.stem for path in (DATA / "faq").glob("*.yml")} == set(CATEGORIES)
    for category in CATEGORIES:
        keys = [block["intent"] for block in load(DATA / "faq" / f"{category}.yml")["nlu"]]
        assert len(keys) >= 6, category
        assert len(keys) == len(set(keys)), category
        assert all(key.startswith(f"faq/{category}_") for key in keys), category


def test_every_faq_has_at_least_eight_examples_and_one_answer(faqs: dict[str, list[str]]) -> None:
    assert {key: len(found) for key, found in faqs.items() if len(found) < 8} == {}
    answers: dict[str, str] = {}
    for path in (DATA / "faq").glob("*.yml"):
        for key, variants in load(path)["responses"].items():
            assert key not in answers, f"{key} has two answers"
            assert variants, f"{key} has no answer"
            answers[key] = variants[0]["text"]
    assert set(answers) == {f"utter_{key}" for key in faqs}
    assert {key for key, text in answers.items() if len(text) < 80} == set(), "an answer must solve the problem"
    assert {key for key, text in answers.items() if placeholders(text)} == set(), "an FAQ answer fills nothing in"


def test_there_are_at_least_125_questions_with_an_answer(faqs: dict[str, list[str]]) -> None:
    assert len(faqs) >= 125


def test_other_words_for_a_question_fill_nothing_in() -> None:
    """They are said before it is known again what the question is about."""
    responses = load(DATA / "responses" / "questions.yml")["responses"]
    hints = {key: variants for key, variants in responses.items() if key.startswith("utter_hint_")}
    assert hints
    assert {key for key, variants in hints.items() for one in variants if placeholders(one["text"])} == set()


def test_answers_link_only_to_the_shop() -> None:
    for path in (DATA / "faq").glob("*.yml"):
        links = re.findall(r"https?://[^\s/]+", path.read_text(encoding="utf-8"))
        assert set(links) <= {"https://shop.larkfield.example"}, path


def test_no_example_stands_under_two_intents(intents: dict[str, list[str]], faqs: dict[str, list[str]]) -> None:
    seen: dict[str, str] = {}
    doubled: list[str] = []
    for intent, found in (intents | faqs).items():
        for example in found:
            key = normalised(example)
            other = seen.setdefault(key, intent)
            if other != intent:
                doubled.append(f"'{example}' stands under {other} and {intent}")
    assert doubled == []


def test_no_example_stands_twice_under_one_intent(intents: dict[str, list[str]], faqs: dict[str, list[str]]) -> None:
    for intent, found in (intents | faqs).items():
        lowered = [plain(example).lower() for example in found]
        assert len(lowered) == len(set(lowered)), intent


def test_asking_for_a_person_is_never_trained_on_a_refusal(intents: dict[str, list[str]]) -> None:
    people = "agent|human|person|anyone|someone|colleague|supervisor|manager"
    refusal = re.compile(rf"\b(?:no|not|don'?t|without)\b(?: \w+){{0,4}} (?:{people})\b")
    allowed = {"no more bot, give me a person"}
    assert [text for text in intents["talk_to_person"] if refusal.search(text.lower()) and text not in allowed] == []


def test_annotations_name_known_entities_and_fit_their_form(
    intents: dict[str, list[str]], faqs: dict[str, list[str]]
) -> None:
    forms = {
        "order_number": re.compile(r"LH[- ]?\d{5}", re.IGNORECASE),
        "invoice_number": re.compile(r"INV-\d{4}-\d{4}"),
        "gift_card_number": re.compile(r"LHGC-\d{4}-\d{4}-\d{4}"),
        "email": re.compile(r"[\w.]+@[\w.]+"),
    }
    for intent, found in (intents | faqs).items():
        for example in found:
            for match in ANNOTATION.finditer(example):
                assert match["entity"] in ENTITIES, f"{intent}: {example}"
                form = forms.get(match["entity"])
                assert form is None or form.fullmatch(match["text"]), f"{intent}: {example}"


def test_no_personal_data_in_examples_or_questions(
    intents: dict[str, list[str]], faqs: dict[str, list[str]], questions: dict[str, list[str]]
) -> None:
    postcode = re.compile(r"\b[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}\b")
    for found in (intents | faqs | questions).values():
        for text in map(plain, found):
            assert all(host.endswith(".example") for host in re.findall(r"@([\w.]+)", text)), text
            assert not re.search(r"\d[\d ]{8,}\d", text), f"a telephone or card number? {text}"
            assert all(code.endswith("ZZ") for code in postcode.findall(text)), f"a real postcode? {text}"


@pytest.mark.parametrize("key", sorted(NOTICES))
def test_a_notice_can_be_filled_in_with_exactly_its_words(wording: dict[str, Any], key: str) -> None:
    variants = wording["notices"][key]
    assert variants
    for text in variants:
        assert placeholders(text) == NOTICES[key], text
        filled = text.format(**dict.fromkeys(NOTICES[key], "x"))
        assert "{" not in filled
        assert len(filled) < 1000


def test_there_is_no_notice_that_nobody_fills_in(wording: dict[str, Any]) -> None:
    assert set(wording["notices"]) == set(NOTICES) | set(NOTICE_WORDS)


def test_a_handover_names_the_customer_the_problem_the_queue_and_what_comes_next(
    wording: dict[str, Any],
) -> None:
    """P22 and P23: acknowledged by name, the problem named, who has it, and when the next word comes."""
    for key in (key for key, words in NOTICES.items() if words >= OPENED):
        for text in wording["notices"][key]:
            assert text.startswith("{name_greeting}")
            assert {"problem", "queue", "position", "next_update"} <= placeholders(text)


def test_the_widget_has_every_text_that_it_asks_for(wording: dict[str, Any]) -> None:
    scripts = (ROOT / "handoff" / "web" / "widget").glob("*.js")
    asked = {key for path in scripts for key in re.findall(r'\bsay\("(\w+)"', path.read_text(encoding="utf-8"))}
    assert asked <= set(wording["widget"])


def test_queues_and_causes_have_a_name_for_customers(wording: dict[str, Any]) -> None:
    escalation = load(DATA / "escalation.yml")
    assert set(wording["labels"]["queues"]) == set(CATEGORIES) == set(escalation["categories"])
    assert set(wording["labels"]["levels"]) == {1, 2, 3, 4}
    causes = {cause for group in escalation["root_causes"].values() for cause in group["causes"]}
    assert set(wording["labels"]["causes"]) == causes
    assert all(isinstance(text, str) and text for text in wording["widget"].values())


def test_every_topic_has_a_name_that_fits_a_button(faqs: dict[str, list[str]]) -> None:
    """The assistant asks "do you mean ...?" and says "you also asked about ..."; no two topics read the same."""
    named = load(DATA / "wording" / "problems.yml")["problems"]
    assert (SELF_SERVICE | set(faqs)) - set(named) == set(), "name them in data/wording/problems.yml"
    names = [phrases["without"] for phrases in named.values()]
    topics = [phrases["without"] for topic, phrases in named.items() if topic in SELF_SERVICE or "/" in topic]
    assert sorted(topics) == sorted(set(topics)), "two topics have the same name"
    assert [name for name in names if len(name) > 60 or name.endswith(".")] == []


def test_every_intent_is_a_topic_or_is_known_to_ask_for_nothing(intents: dict[str, list[str]]) -> None:
    """Otherwise a greeting might be taken for the second of two requests, or a request be passed over."""
    settings = load(ROOT / "config.yml")["pipeline"][0]
    assert set(intents) - SELF_SERVICE - set(settings["not_requests"]) == set(), "see not_requests in config.yml"
    assert SELF_SERVICE.isdisjoint(settings["not_requests"])


def test_every_self_service_problem_has_a_phrase() -> None:
    loaded = load(DATA / "wording" / "problems.yml")
    assert set(loaded["problems"]) >= SELF_SERVICE
    assert set(loaded["category"]) == set(CATEGORIES)
    assert set(loaded["patterns"]) == {f"faq/{category}_*" for category in CATEGORIES}
    for topic, phrases in loaded["problems"].items():
        assert placeholders(phrases["without"]) == set(), topic
        if "with" in phrases:
            assert placeholders(phrases["with"]), topic
            assert placeholders(phrases["with"]) <= PROBLEM_WORDS, topic


def test_a_problem_is_named_by_what_made_the_case() -> None:
    """P22: a signal or a reason that the program does not know would never be said."""
    loaded, escalation = load(DATA / "wording" / "problems.yml"), load(DATA / "escalation.yml")
    known = {f"risk_{name}" for name in escalation["risks"]} | {f"authority_{name}" for name in escalation["authority"]}
    assert set(loaded["signals"]) <= known
    assert set(loaded["reasons"]) <= {str(reason) for reason in HandoffReason}
    for phrases in loaded["signals"].values():
        assert placeholders(phrases["without"]) == set()
        assert placeholders(phrases.get("with", "{sum}")) <= PROBLEM_WORDS | {"sum"}


def test_every_answer_to_a_complaint_says_sorry() -> None:
    """P11: it stands in the place of the acknowledgement, so each variant must be one, and each in other words."""
    answers = [
        variant["text"] for variant in load(DATA / "responses" / "conversation.yml")["responses"]["utter_complain"]
    ]
    assert len(set(answers)) == len(answers) >= 4
    assert [text for text in answers if "sorry" not in text] == []


def test_what_is_not_for_the_assistant_has_no_key_that_rasa_would_train_on() -> None:
    others = [path for folder in ("canned", "demo", "wording") for path in sorted((DATA / folder).glob("*.yml"))]
    assert set(training_files(DATA)).isdisjoint({*others, DATA / "macros.yml"})

"""What is wrong in the content is found with file, line and remedy; what is right is left in peace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.warmline.content.conftest import FAQ
from warmline.content.check import check
from warmline.content.findings import Finding, Severity
from warmline.content.sources import Sources
from warmline.content.structure import check_structure
from warmline.settings import Settings

Edit = tuple[str, str, str]


def change(sources: Sources, name: str, old: str, new: str) -> Path:
    path = sources.questions_dir / name if name == "questions.yml" else sources.data_dir / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def serious(findings: tuple[Finding, ...]) -> list[Finding]:
    """Without the remark that so small a shop has few examples."""
    return [finding for finding in findings if finding.kind != "few"]


def test_content_that_is_right_has_no_findings(sources: Sources) -> None:
    assert serious(check(sources).findings) == []


def test_what_ships_has_no_errors() -> None:
    found = check(Sources.of(Settings()))

    assert [str(finding) for finding in found.findings if finding.severity is Severity.ERROR] == []
    assert found.examples > 3000


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "kind", "said"),
    [
        ("nlu/shop.yml", "  examples: |", "  exampels: |", 5, "schema", "an entry without `examples: |`"),
        ("nlu/shop.yml", "    - hello", "    hello", 13, "schema", "begin with a dash"),
        ("nlu/shop.yml", "    - hello", "    • hello", 13, "schema", "begins with • instead of a dash"),
        ("nlu/shop.yml", "    - hello", "    – hello", 13, "schema", "begins with – instead of a dash"),
        ("nlu/shop.yml", "nlu:", "nul:", 4, "torn", "'nul' is not known"),
        ("faq/billing.yml", "responses:", "nlu:", 17, "torn", "stands here a second time"),
        ("responses/talk.yml", "    buttons:", "    butons:", 5, "schema", "'butons' is not known"),
        ("rules/shop.yml", "    steps:", "    stepz:", 2, "schema", "needs a name and `steps:`"),
        ("rules/shop.yml", "- intent: greet", "- intent: greeet", 4, "link", "the intent greeet, which there is not"),
        ("rules/shop.yml", "action_order_status", "action_order_state", 9, "link", "calls action_order_state"),
        ("responses/talk.yml", "/order_status", "/order_state", 7, "link", "there is no intent order_state"),
        ("nlu/shop.yml", "intent: greet", "intent: greting", 11, "link", "greting is not in domain.yml"),
        ("nlu/shop.yml", "(order_number)", "(order_nr)", 8, "mark", "(order_nr) names no entity"),
        ("faq/billing.yml", "utter_faq/billing_invoice", "utter_faq/billing_invoyce", 10, "answer", "has no answer"),
        ("faq/billing.yml", '"By e-mail."', '""', 26, "answer", "is still empty"),
        ("faq/billing.yml", '"By e-mail."', "25", 27, "schema", "25 is not read as a text"),
        ("faq/billing.yml", '"By e-mail."', "true", 27, "schema", "true is not read as a text"),
        ("faq/billing.yml", '"By e-mail."', "[by e-mail]", 27, "schema", "begins with a bracket"),
        ("responses/talk.yml", "title: My order", "title: 12.5", 6, "schema", "12.5 is not read as a text"),
        ("faq/billing.yml", '"By e-mail."', '"By {e-mail}."', 26, "braces", "says {e-mail}, and nothing fills"),
        ("faq/billing.yml", '"By e-mail."', '"Of {}."', 26, "braces", "says {}, and nothing fills"),
        ("faq/billing.yml", '"By e-mail."', '"Of {amount}."', 26, "braces", "says {amount}, and nothing fills"),
        ("responses/talk.yml", "Hello!", "Hello {nam}!", 2, "braces", "says {nam}, and nothing fills"),
        ("nlu/shop.yml", "where is my order", "how can I pay", 7, "same", "stands under"),
        ("questions.yml", "did the courier forget me", "Where is my order?", 2, "leak", "is an example of"),
        ("nlu/shop.yml", "hi there", "hi, I am at 07911 123456", 15, "personal", "telephone number: 07911 123456"),
        ("nlu/shop.yml", "hi there", "write to anna@post.co.uk", 15, "personal", "e-mail address"),
    ],
)
def test_a_mistake_is_told_as_an_error_where_it_stands_with_a_way_to_mend_it(
    sources: Sources, file: str, old: str, new: str, line: int, kind: str, said: str
) -> None:
    path = change(sources, file, old, new)
    errors = [finding for finding in check(sources).findings if finding.severity is Severity.ERROR]
    (found,) = [finding for finding in errors if finding.kind == kind and said in finding.what][:1] or [None]
    assert found is not None, [str(finding) for finding in errors]
    assert (found.file.name, found.line) == (path.name, line)
    assert found.mend


def test_words_in_braces_that_the_assistant_remembers_or_an_action_hands_over_are_right(sources: Sources) -> None:
    sources.actions_dir.mkdir()
    (sources.actions_dir / "orders.py").write_text('say("utter_greet", amount=1, **{"day": day})\n', encoding="utf-8")
    change(sources, "responses/talk.yml", "Hello!", '"Hello {order_number}, {amount} on {day}!"')
    change(sources, "faq/billing.yml", '"By e-mail."', '"For {order_number}."')

    assert serious(check_structure(sources)) == []


def test_a_brace_without_its_other_half_is_told_with_what_stands_around_it(sources: Sources) -> None:
    change(sources, "faq/billing.yml", '"By e-mail."', '"By e-mail :-}"')
    (found,) = serious(check_structure(sources))

    assert (found.severity, found.kind) == (Severity.WARNING, "braces")
    assert "'By e-mail :-}'" in found.what


def test_the_same_wish_under_two_intents_is_found_by_its_meaning(sources: Sources) -> None:
    change(sources, "nlu/shop.yml", "    - good morning", "    - what cards do you take")
    (found,) = [finding for finding in check(sources).findings if finding.kind == "near"]

    assert found.severity is Severity.WARNING
    assert "what cards do you take" in found.what
    assert "billing.yml:8" in found.what


def test_a_test_question_that_copies_an_example_in_other_letters_is_found(sources: Sources) -> None:
    change(sources, "questions.yml", "is American Express alright", "what cards do you take")
    kinds = {finding.kind for finding in check(sources).findings}

    assert "leak" in kinds


def test_an_intent_whose_examples_sound_like_another_is_told(sources: Sources) -> None:
    change(
        sources,
        "nlu/shop.yml",
        "    - good morning\n    - hi there\n",
        "    - where has my order got to\n    - was the parcel sent off\n"
        "    - is my order on its way\n    - where's my parcel\n",
    )
    found = [finding.what for finding in check(sources).findings if finding.kind == "confused"]

    assert [what for what in found if re.match(r"[345] examples of greet \(\d+%\) sound like order_status", what)], (
        found
    )


def test_a_question_about_what_is_gone_does_not_stop_training(sources: Sources) -> None:
    """Whoever replaces the content has none of the shipped topics, and no questions of their own yet."""
    sources.questions_dir.mkdir(parents=True, exist_ok=True)
    (sources.questions_dir / "questions_gone.yml").write_text("questions:\n  gone_topic:\n    - where has it gone\n")
    told = [finding for finding in check_structure(sources) if "gone_topic" in finding.what]

    assert [(finding.severity, finding.kind) for finding in told] == [(Severity.WARNING, "question")]


def test_a_rule_that_nobody_begins_is_only_a_warning(sources: Sources) -> None:
    change(sources, "rules/shop.yml", "      - intent: greet\n", "      - intent: faq\n")
    (found,) = serious(check_structure(sources))

    assert (found.severity, found.file.name) == (Severity.WARNING, "domain.yml")
    assert "no rule begins with the intent greet" in found.what


@pytest.mark.parametrize(
    "line", ["order_state: [faq/billing_methods]", "order_status: [faq/billing_methods, faq/bills_*]"]
)
def test_another_answer_that_there_is_not_is_told_before_a_customer_misses_it(sources: Sources, line: str) -> None:
    (sources.data_dir / "another_answer.yml").write_text(f"another_answer:\n  {line}\n", encoding="utf-8")
    (found,) = serious(check_structure(sources))

    assert (found.severity, found.file.name, found.line) == (Severity.WARNING, "another_answer.yml", 2)
    assert "fits no intent and no FAQ" in found.what


def test_a_finding_is_told_once_however_many_files_are_broken(sources: Sources) -> None:
    change(sources, "nlu/shop.yml", "nlu:", "nlu: [")
    errors = [finding for finding in check(sources).findings if finding.kind == "unreadable"]

    assert [(finding.file.name, "not YAML" in finding.what) for finding in errors] == [("shop.yml", True)]


@pytest.mark.parametrize("content", [b"", FAQ.encode("utf-16"), FAQ.replace("responses:", "respones:").encode()])
def test_a_file_that_is_read_in_part_or_not_at_all_is_one_mistake(sources: Sources, content: bytes) -> None:
    (sources.data_dir / "faq" / "billing.yml").write_bytes(content)
    (found,) = serious(check_structure(sources))

    assert (found.severity, found.file.name) == (Severity.ERROR, "billing.yml")
    assert found.mend


def test_a_mark_in_capitals_is_told_with_the_intent_that_was_meant(sources: Sources) -> None:
    change(sources, "faq/billing.yml", "intent: faq/billing_methods", "intent: FAQ/billing_methods")
    (mend,) = [finding.mend for finding in check_structure(sources) if "FAQ is not in domain.yml" in finding.what]

    assert "did you mean faq?" in mend

"""An edit changes what it was asked to change, and nothing else: not a comment, not a blank, not a byte."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warmline.content.corpus import FAQ_PREFIX, UTTER, Corpus, read_corpus
from warmline.content.editing import Change, add_examples, clean, new_faq, replace_example, set_answer
from warmline.content.sources import Sources
from warmline.errors import CommandError
from warmline.paths import PROJECT_ROOT

SHIPPED = read_corpus(PROJECT_ROOT / "data")
LABELS = st.sampled_from(sorted(SHIPPED.entries))
FAQS = st.sampled_from(sorted(SHIPPED.faq_keys))
ANSWERS = st.sampled_from(sorted(answer.name for answer in SHIPPED.answers if answer.texts))
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=40)
EXAMPLES = WORDS.map(clean).filter(lambda text: any(char.isalnum() for char in text))
TEXTS = st.lists(WORDS, min_size=1, max_size=4).map("\n".join).filter(lambda text: bool(text.strip()))
CALM = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def meaning(corpus: Corpus) -> tuple[dict[str, list[str]], dict[str, tuple[str, ...]]]:
    """The content without its places."""
    examples = {label: [example.written for example in found] for label, found in corpus.by_label.items()}
    return examples, {answer.name: answer.texts for answer in corpus.answers}


def attempt(edit: Callable[[], Change]) -> Change | None:
    """The change; None where the text is one that is there already, or YAML cannot hold as it stands."""
    try:
        return edit()
    except CommandError as refused:
        if "does not understand" in refused.what or "all of these examples already" in refused.what:
            return None
        raise


class Copy:
    """A copy of the shipped content to change."""

    def __enter__(self) -> Path:
        self._folder = tempfile.mkdtemp()
        return Path(shutil.copytree(PROJECT_ROOT / "data", Path(self._folder) / "data"))

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder)


@CALM
@given(LABELS, st.lists(EXAMPLES, min_size=1, max_size=3))
def test_added_examples_are_new_lines_and_every_other_line_stays(label: str, texts: list[str]) -> None:
    change = attempt(lambda: add_examples(PROJECT_ROOT / "data", label, texts))
    if change is None:
        return
    before, after = change.before.split("\n"), change.after.split("\n")
    added = len(after) - len(before)

    assert after[: change.line - 1] + after[change.line - 1 + added :] == before
    assert 1 <= added <= len(texts)
    with Copy() as data:
        (data / change.file.relative_to(PROJECT_ROOT / "data")).write_text(change.after, encoding="utf-8")
        examples, answers = meaning(read_corpus(data))
        old_examples, old_answers = meaning(SHIPPED)
        assert answers == old_answers
        assert examples[label][: len(old_examples[label])] == old_examples[label]
        assert set(examples[label][len(old_examples[label]) :]) <= set(texts)
        assert {**examples, label: None} == {**old_examples, label: None}


@CALM
@given(ANSWERS, TEXTS)
def test_a_new_answer_is_read_as_it_was_written_and_every_other_answer_stays(name: str, text: str) -> None:
    change = attempt(lambda: set_answer(PROJECT_ROOT / "data", name, text))
    if change is None:
        return
    with Copy() as data:
        (data / change.file.relative_to(PROJECT_ROOT / "data")).write_text(change.after, encoding="utf-8")
        examples, answers = meaning(read_corpus(data))
        old_examples, old_answers = meaning(SHIPPED)
        assert examples == old_examples
        assert answers[name][0] == "\n".join(line.rstrip() for line in text.strip().splitlines())
        assert answers[name][1:] == old_answers[name][1:]
        assert {**answers, name: None} == {**old_answers, name: None}
    comments = [line for line in change.before.split("\n") if line.lstrip().startswith("#")]
    assert [line for line in change.after.split("\n") if line in comments] == comments


@CALM
@given(FAQS, st.data())
def test_an_example_that_is_taken_out_and_put_back_leaves_no_trace(label: str, data: st.DataObject) -> None:
    examples = SHIPPED.by_label[label]
    example = data.draw(st.sampled_from(examples))
    change = replace_example(PROJECT_ROOT / "data", label, example.text, None)

    assert len(change.before.split("\n")) == len(change.after.split("\n")) + 1
    again = replace_example(PROJECT_ROOT / "data", label, example.text, example.written)
    assert again.after == again.before


def test_a_new_faq_stands_at_the_end_of_its_category_and_comments_stay_where_they_are(sources: Sources) -> None:
    new_faq(sources.data_dir, "faq/billing_gift_cards", ["do you sell gift cards"], "Yes.\n\nFrom £10.").write()
    text = (sources.data_dir / "faq" / "billing.yml").read_text(encoding="utf-8")

    assert text.index("faq/billing_gift_cards") < text.index("# What we answer.")
    assert text.endswith("  utter_faq/billing_gift_cards:\n  - text: |-\n      Yes.\n\n      From £10.\n")
    assert '"By e-mail."   # always' in text
    corpus = read_corpus(sources.data_dir)
    assert [example.text for example in corpus.by_label["faq/billing_gift_cards"]] == ["do you sell gift cards"]
    assert corpus.answer_of["utter_faq/billing_gift_cards"].texts == ("Yes.\n\nFrom £10.",)


def test_a_draft_has_an_empty_answer_that_can_be_written_later(sources: Sources) -> None:
    new_faq(sources.data_dir, "faq/billing_tips", ["can I tip the driver"]).write()
    assert not read_corpus(sources.data_dir).answer_of["utter_faq/billing_tips"].is_written

    set_answer(sources.data_dir, "utter_faq/billing_tips", "There is no need to.").write()
    assert read_corpus(sources.data_dir).answer_of["utter_faq/billing_tips"].texts == ("There is no need to.",)


def test_windows_line_ends_and_a_missing_last_one_stay(sources: Sources) -> None:
    path = sources.data_dir / "nlu" / "shop.yml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").rstrip())
    add_examples(sources.data_dir, "nlu_fallback", ["how old is the moon"]).write()

    assert path.read_bytes().endswith(b"    - tell me a joke\r\n    - how old is the moon\r\n")
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "label", ["faq/heating_pumps", "faq/billing", "billing_gift_cards", "faq/billing_Gift", "greeting"]
)
def test_a_key_that_nobody_would_find_again_is_refused(sources: Sources, label: str) -> None:
    with pytest.raises(CommandError, match="is no key for an FAQ"):
        new_faq(sources.data_dir, label, ["do you sell gift cards"])


def test_what_is_not_there_cannot_be_changed(sources: Sources) -> None:
    with pytest.raises(CommandError, match="no intent or FAQ order_state"):
        add_examples(sources.data_dir, "order_state", ["where is it"])
    with pytest.raises(CommandError, match="has no example 'good night'"):
        replace_example(sources.data_dir, "greet", "good night", "good evening")
    with pytest.raises(CommandError, match="has all of these examples already"):
        add_examples(sources.data_dir, "greet", ["Hello!"])
    with pytest.raises(CommandError, match="has 2 variants"):
        set_answer(sources.data_dir, f"{UTTER}greet", "Hi", variant=3)


def test_every_faq_that_ships_can_be_edited() -> None:
    assert len(SHIPPED.faq_keys) > 40
    for label in SHIPPED.faq_keys:
        assert label.startswith(FAQ_PREFIX)
        change = set_answer(PROJECT_ROOT / "data", UTTER + label, SHIPPED.answer_of[UTTER + label].texts[0])
        assert change.before.count("\n") - change.after.count("\n") in range(-1, 2), label


def test_an_example_is_found_in_every_place_where_its_label_stands(sources: Sources) -> None:
    file = sources.data_dir / "nlu" / "shop.yml"
    more = "- intent: greet\n  examples: |-\n    - howdy\n    - hey you\n"
    file.write_text(file.read_text(encoding="utf-8").rstrip("\n") + "\n" + more, encoding="utf-8")
    before = file.read_text(encoding="utf-8")

    assert replace_example(sources.data_dir, "greet", "Howdy", "well met").after == before.replace("howdy", "well met")
    assert replace_example(sources.data_dir, "greet", "hey you", None).after == before.replace("    - hey you\n", "")
    with pytest.raises(CommandError, match="already"):
        add_examples(sources.data_dir, "greet", ["hey you!"])


def test_an_example_without_letters_is_no_other_one(sources: Sources) -> None:
    for text in ("???", "😀"):
        add_examples(sources.data_dir, "greet", [text]).write()

    assert "    - ???\n    - 😀\n" in (sources.data_dir / "nlu" / "shop.yml").read_text(encoding="utf-8")
    with pytest.raises(CommandError, match="no example"):
        replace_example(sources.data_dir, "greet", "!!!", None)


def test_examples_behind_a_bar_that_drops_the_last_line_end_can_be_added_to(sources: Sources) -> None:
    file = sources.data_dir / "nlu" / "shop.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("examples: |", "examples: |-"), encoding="utf-8")
    add_examples(sources.data_dir, "greet", ["well met"]).write()

    assert "well met" in [example.text for example in read_corpus(sources.data_dir).by_label["greet"]]

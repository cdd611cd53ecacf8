"""The checks that need no encoder: form, links, answers, numbers, personal data. Their errors stop training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from warmline.content.corpus import (
    ANNOTATION,
    FAQ_PREFIX,
    TURNED_AWAY,
    UTTER,
    Corpus,
    Example,
    read_corpus,
    read_questions,
)
from warmline.content.findings import Finding, Severity, in_order
from warmline.content.links import Domain, check_links, known_topics, read_domain
from warmline.content.personal_data import MASKS, find_in_example
from warmline.content.placeholders import check_placeholders
from warmline.content.schema import CONTENT_FOLDERS, TORN, UNREADABLE, check_schema, training_files
from warmline.content.sources import Sources

ENOUGH_FOR_FAQ: Final = 8
ENOUGH_FOR_INTENT: Final = 20
FEWEST: Final = 2
"""With fewer, nothing can be left out to measure by, and Rasa itself warns."""
OUT_OF_SCOPE: Final = "out_of_scope"
"""The label of test questions that the assistant must turn away."""


def check_structure(sources: Sources, corpus: Corpus | None = None) -> tuple[Finding, ...]:
    """Every finding that needs no encoder."""
    domain = read_domain(sources.domain)
    content = corpus or read_corpus(sources.data_dir)
    found = [*check_schema(sources.data_dir, (sources.config, sources.domain))]
    unread = {finding.file for finding in found if finding.kind in (UNREADABLE, TORN)}
    learnt = {path for path in unread if path.parent.name in CONTENT_FOLDERS}
    if learnt or unread.intersection((sources.domain, *training_files(sources.data_dir))):
        # What the others name may well stand in what cannot be read: one mistake is told as one.
        return in_order([*found, *_personal(content.examples)])
    found += check_links(sources.data_dir, domain, content, sources.actions_dir)
    found += _answers(content)
    found += check_placeholders(content, domain, sources.actions_dir)
    found += _numbers(content)
    found += _marks(content, domain)
    found += _personal(content.examples)
    found += _questions(read_questions(sources.questions_dir), content, domain)
    return in_order(found)


def _answers(corpus: Corpus) -> Iterator[Finding]:
    for label in corpus.faq_keys:
        answer = corpus.answer_of.get(UTTER + label)
        if answer is None:
            place, mend = corpus.entries[label], f"write it under `responses:` as {UTTER}{label}"
            yield Finding(place.file, place.line, f"{label} has no answer", mend, kind="answer")
    for answer in corpus.answers:
        place = answer.place
        if not answer.is_written:
            what = f"the answer {answer.name} is still empty"
            mend = f'write it here, or with `warmline content edit {answer.label or answer.name} --answer "..."`'
            yield Finding(place.file, place.line, what, mend, kind="answer")
        if answer.label and answer.label not in corpus.entries:
            what = f"{answer.name} answers a question that has no examples"
            mend = f"add examples under `- intent: {answer.label}`, or delete the answer"
            yield Finding(place.file, place.line, what, mend, kind="answer")


def _numbers(corpus: Corpus) -> Iterator[Finding]:
    for label, examples in corpus.by_label.items():
        enough = ENOUGH_FOR_FAQ if label.startswith(FAQ_PREFIX) else ENOUGH_FOR_INTENT
        if len(examples) < enough:
            place = corpus.entries[label]
            what = f"{label} has {len(examples)} examples"
            mend = f"write at least {enough}, in the words of different customers"
            severity = Severity.ERROR if len(examples) < FEWEST else Severity.WARNING
            yield Finding(place.file, place.line, what, mend, severity, "few")


def _marks(corpus: Corpus, domain: Domain) -> Iterator[Finding]:
    for example in corpus.examples:
        for match in ANNOTATION.finditer(example.written):
            entity = match["entity"]
            if entity and domain.entities and entity not in domain.entities:
                what = f"the mark ({entity}) names no entity: {example.written}"
                mend = f"use one of {', '.join(sorted(domain.entities))}"
                yield Finding(example.place.file, example.place.line, what, mend, kind="mark")
        left = ANNOTATION.sub("", example.written)
        if "](" in left or ("[" in left) != ("]" in left):
            what = f"a mark is not closed: {example.written}"
            yield Finding(
                example.place.file,
                example.place.line,
                what,
                "write [LH-10234](order_number), without spaces",
                kind="mark",
            )


def _personal(examples: tuple[Example, ...]) -> Iterator[Finding]:
    for example in examples:
        for found in find_in_example(example.text):
            what = f"this may be a customer's {found.kind}: {found.text}"
            mask = MASKS[found.kind]
            mend = "leave it out, or write an invented one" + ("" if mask.startswith("<") else f", such as {mask}")
            yield Finding(example.place.file, example.place.line, what, mend, kind="personal")


def _questions(questions: tuple[Example, ...], corpus: Corpus, domain: Domain) -> Iterator[Finding]:
    """The test set must ask about what there is, and about all of it."""
    if not questions:
        return
    yield from _personal(questions)
    known = known_topics(domain, corpus) | {OUT_OF_SCOPE}
    first = {question.label: question.place for question in reversed(questions)}
    for label, place in first.items():
        if label not in known:
            what = f"the test set asks about {label}, which there is not"
            mend = "name an intent, an FAQ, or out_of_scope; or delete the question"
            # Nothing is learnt from it: whoever replaces the content can train before they have questions of their own.
            yield Finding(place.file, place.line, what, mend, Severity.WARNING, "question")
    file = questions[0].place.file
    for label in corpus.entries:
        if label not in first and label != TURNED_AWAY:
            what = f"no test question asks about {label}"
            mend = "add two, in other words than the examples"
            yield Finding(file, 1, what, mend, Severity.WARNING, "question")

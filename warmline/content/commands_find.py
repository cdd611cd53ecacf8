"""``warmline content list | search``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rich.markup import escape

from warmline.content.corpus import UTTER, Answer, Corpus, Example, Place, normalised, read_corpus
from warmline.content.findings import shown
from warmline.content.meaning import distinct, nearest, read_pipeline, vectors_of
from warmline.content.names import with_part
from warmline.content.output import out, print_json
from warmline.content.places import file_of
from warmline.content.sources import Sources
from warmline.errors import CommandError, ExitCode
from warmline.settings import Settings

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
FOUND = 12
SHORT = 70


def add_commands(add: Add) -> None:
    """Adds these commands."""
    listing = add("list", _list, "All intents and FAQs; those with a part of a name; or all that belongs to one.")
    text = "an intent, an FAQ such as faq/billing_price_drop, an answer such as utter_greet, or a part of their names"
    listing.add_argument("label", nargs="?", help=text)
    searching = add("search", _search, "Find examples and answers, by their words and by their meaning.")
    searching.add_argument("words", nargs="+")


def _list(options: argparse.Namespace) -> int:
    settings = Settings.load()
    corpus, wanted = read_corpus(settings.data_dir), options.label or ""
    if wanted in corpus.entries:
        return _show(corpus, wanted, as_json=options.json)
    if wanted in corpus.answer_of:
        return _show_answer(corpus.answer_of[wanted], as_json=options.json)
    labels = sorted(with_part(wanted, corpus.entries)) if wanted else sorted(corpus.entries)
    answers = [corpus.answer_of[name] for name in sorted(with_part(wanted, _apart(corpus)))] if wanted else []
    if wanted and not labels and not answers:
        file_of(settings.data_dir, wanted)  # says what is wrong: the name, or a file that cannot be read
    rows = [
        {
            "label": label,
            "examples": len(corpus.by_label[label]),
            "answer": _answer(corpus, label),
            "file": shown(corpus.entries[label].file),
            "line": corpus.entries[label].line,
        }
        for label in labels
    ]
    if options.json:
        print_json({"ok": True, "entries": rows, "answers": [_said(answer) for answer in answers]})
        return ExitCode.OK
    for row in rows:
        place = f"{row['file']}:{row['line']}"
        said = escape(_short(str(row["answer"] or "")))
        out.print(f"[bold]{row['label']:<44}[/bold]{row['examples']:>4}  [dim]{place}[/dim]  {said}")
    for answer in answers:
        said = escape(_short(" / ".join(answer.texts)))
        out.print(f"[bold]{answer.name:<48}[/bold]  [dim]{_place(answer.place)}[/dim]  {said}")
    told = [f"{len(rows)} intents and FAQs"] * (not answers or bool(rows)) + [f"{len(answers)} answers"] * bool(answers)
    out.print(f"{', '.join(told)}; `warmline content list NAME` shows one")
    return ExitCode.OK


def _apart(corpus: Corpus) -> list[str]:
    """Answers that stand under no FAQ of their own name."""
    return [name for name, answer in corpus.answer_of.items() if answer.label not in corpus.entries]


def _show(corpus: Corpus, label: str, *, as_json: bool) -> int:
    examples = corpus.by_label[label]
    answer = corpus.answer_of.get(UTTER + label)
    if as_json:
        place = corpus.entries[label]
        written = [{"text": example.written, "line": example.place.line} for example in examples]
        content = {"ok": True, "label": label, "file": shown(place.file), "line": place.line, "examples": written}
        print_json({**content, "answers": list(answer.texts) if answer else []})
        return ExitCode.OK
    out.print(f"[bold]{label}[/bold]  [dim]{_place(corpus.entries[label])}[/dim]")
    for example in examples:
        out.print(f"  - {escape(example.written)}")
    if answer:
        out.print()
        _print_answer(answer)
    return ExitCode.OK


def _show_answer(answer: Answer, *, as_json: bool) -> int:
    if as_json:
        print_json({"ok": True, **_said(answer)})
    else:
        _print_answer(answer)
    return ExitCode.OK


def _print_answer(answer: Answer) -> None:
    out.print(f"[bold]{answer.name}[/bold]  [dim]{_place(answer.place)}[/dim]")
    for number, text in enumerate(answer.texts, 1):
        out.print(f"[dim]variant {number}:[/dim] {escape(text)}" if answer.variants > 1 else escape(text))


def _said(answer: Answer) -> dict[str, object]:
    place = {"file": shown(answer.place.file), "line": answer.place.line}
    return {"name": answer.name, "texts": list(answer.texts), **place}


def _search(options: argparse.Namespace) -> int:
    sources = Sources.of(Settings.load())
    corpus, words = read_corpus(sources.data_dir), " ".join(options.words)
    if not words.strip():
        raise CommandError("search for what?", "give some words, as a customer would write them", ExitCode.USAGE)
    wanted = normalised(words)
    by_words = [example for example in corpus.examples if wanted and wanted in normalised(example.text)]
    answers = [answer for answer in corpus.answers if wanted and _with(wanted, answer)]
    near = _by_meaning(sources, corpus, words)
    if options.json:
        print_json(
            {
                "ok": True,
                "examples": [_hit(e.label, e.written, e.place) for e in by_words],
                "answers": [_hit(answer.name, "\n".join(answer.texts), answer.place) for answer in answers],
                "meaning": [{**_hit(e.label, e.written, e.place), "similarity": round(s, 3)} for e, s in near],
            }
        )
        return ExitCode.OK
    few = answers[:FOUND]
    for title, hits in (
        (f"{len(by_words)} examples with these words", [(e.label, e.written, e.place, "") for e in by_words[:FOUND]]),
        (f"{len(answers)} answers with these words", [(a.name, _with(wanted, a), a.place, "") for a in few]),
        ("nearest in meaning", [(e.label, e.written, e.place, f"{s:.2f} ") for e, s in near]),
    ):
        out.print(f"[bold]{title}[/bold]")
        for label, text, place, score in hits:
            out.print(f"  {score}{label}: {escape(_short(text))}  [dim]{_place(place)}[/dim]")
    return ExitCode.OK


def _with(wanted: str, answer: Answer) -> str:
    """The text of an answer's first variant that has the words; empty where none has."""
    return next((text for text in answer.texts if wanted in normalised(text)), "")


def _by_meaning(sources: Sources, corpus: Corpus, words: str) -> list[tuple[Example, float]]:
    examples = distinct(corpus.examples)
    if not examples:
        return []
    rows = vectors_of([words, *(e.text for e in examples)], read_pipeline(sources.config), sources.cache_dir)
    found = nearest(rows[1:], rows[:1])
    best = sorted(found, key=lambda near: -near.similarity)[:FOUND]
    return [(examples[near.row], near.similarity) for near in best]


def _answer(corpus: Corpus, label: str) -> str | None:
    answer = corpus.answer_of.get(UTTER + label)
    return " ".join(" / ".join(answer.texts).split()) if answer else None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[:SHORT]}..."


def _hit(label: str, text: str, place: Place) -> dict[str, object]:
    return {"label": label, "text": text, "file": shown(place.file), "line": place.line}


def _place(place: Place) -> str:
    return f"{shown(place.file)}:{place.line}"

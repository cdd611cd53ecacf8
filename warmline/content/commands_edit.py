"""``warmline content check | list | search | add | edit``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from rich.markup import escape

from warmline.content.check import Checked, check
from warmline.content.corpus import FAQ_PREFIX, UTTER, Corpus, Example, Place, normalised, read_corpus
from warmline.content.editing import Change, add_examples, new_faq, replace_example, set_answer
from warmline.content.findings import Finding, Severity, shown
from warmline.content.meaning import distinct, nearest, read_pipeline, vectors_of
from warmline.content.output import out, print_json
from warmline.content.sources import Sources
from warmline.errors import CommandError, ExitCode
from warmline.progress import Progress
from warmline.settings import Settings

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
TO_TRAIN = "train it with `warmline content train`"
LIVE_AT_ONCE = "a running bot says it within a second, without training"
FOUND = 12
SHORT = 70
MARK = {Severity.ERROR: "[red]error[/red]  ", Severity.WARNING: "[yellow]warning[/yellow]"}


def add_commands(add: Add) -> None:
    """Adds these commands."""
    checking = add("check", _check, "Look for everything that is wrong in the content, and say how to mend it.")
    checking.add_argument("--errors", action="store_true", help="show errors only")
    listing = add("list", _list, "All intents and FAQs, or the examples and the answer of one.")
    listing.add_argument("label", nargs="?", help="an intent, or an FAQ such as faq/billing_price_drop")
    searching = add("search", _search, "Find examples and answers, by their words and by their meaning.")
    searching.add_argument("words", nargs="+")
    adding = add("add", _add, "Add examples to an intent or FAQ, or begin a new FAQ with its answer.")
    adding.add_argument("label", help="an intent, or an FAQ such as faq/billing_price_drop")
    adding.add_argument("examples", nargs="+", metavar="EXAMPLE", help="what a customer writes, in quotes")
    adding.add_argument("--answer", help="the answer; with it, an FAQ that there is not is made")
    editing = add("edit", _edit, "Change an answer or an example, or take an example out.")
    editing.add_argument("label", help="an intent, an FAQ, or the name of an answer such as utter_greet")
    what = editing.add_mutually_exclusive_group(required=True)
    what.add_argument("--answer", help="the new text of the answer; it is live without training")
    what.add_argument("--example", metavar="OLD", help="the example to change, with --to")
    what.add_argument("--remove", metavar="OLD", help="the example to take out")
    editing.add_argument("--to", metavar="NEW", help="the new wording of --example")
    editing.add_argument("--variant", type=int, default=1, help="which variant of the answer (default: the first)")


def _check(options: argparse.Namespace) -> int:
    sources = Sources.of(Settings.load())
    with Progress(quiet=options.json).step("checking the content", 2):
        found = check(sources)
    findings = [f for f in found.findings if f.severity is Severity.ERROR or not options.errors]
    if options.json:
        print_json({"ok": not found.errors, **_summary(found), "findings": [f.as_json() for f in findings]})
    else:
        print_findings(findings)
        warnings = len(found.findings) - found.errors
        out.print(
            f"{found.entries} intents and FAQs, {found.examples} examples: "
            f"{_count(found.errors, 'error')}, {_count(warnings, 'warning')} ({found.seconds:.1f} s)"
        )
    return ExitCode.FAILED if found.errors else ExitCode.OK


def print_findings(findings: Sequence[Finding]) -> None:
    """One finding after the other, each with how to mend it."""
    for finding in findings:
        out.print(f"{MARK[finding.severity]} [bold]{escape(finding.place)}[/bold] {escape(finding.what)}")
        out.print(f"         [dim]mend: {escape(finding.mend)}[/dim]")


def _summary(found: Checked) -> dict[str, object]:
    return {
        "entries": found.entries,
        "examples": found.examples,
        "errors": found.errors,
        "warnings": len(found.findings) - found.errors,
        "seconds": round(found.seconds, 3),
    }


def _list(options: argparse.Namespace) -> int:
    corpus = read_corpus(Settings.load().data_dir)
    if options.label:
        return _show(corpus, options.label, as_json=options.json)
    rows = [
        {
            "label": label,
            "examples": len(examples),
            "answer": _answer(corpus, label),
            "file": shown(corpus.entries[label].file),
            "line": corpus.entries[label].line,
        }
        for label, examples in sorted(corpus.by_label.items())
    ]
    if options.json:
        print_json({"ok": True, "entries": rows})
        return ExitCode.OK
    for row in rows:
        said = str(row["answer"] or "")
        short = said if len(said) <= SHORT else f"{said[:SHORT]}..."
        place = f"{row['file']}:{row['line']}"
        out.print(f"[bold]{row['label']:<44}[/bold]{row['examples']:>4}  [dim]{place}[/dim]  {escape(short)}")
    out.print(f"{len(rows)} intents and FAQs; `warmline content list NAME` shows one")
    return ExitCode.OK


def _show(corpus: Corpus, label: str, *, as_json: bool) -> int:
    if label not in corpus.entries:
        raise CommandError(f"there is no intent or FAQ {label}", "`warmline content list` shows all", ExitCode.USAGE)
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
    for text in answer.texts if answer else ():
        out.print(f"\n[dim]{_place(answer.place) if answer else ''}[/dim]\n{escape(text)}")
    return ExitCode.OK


def _search(options: argparse.Namespace) -> int:
    sources = Sources.of(Settings.load())
    corpus, words = read_corpus(sources.data_dir), " ".join(options.words)
    wanted = normalised(words)
    by_words = [example for example in corpus.examples if wanted in normalised(example.text)]
    answers = [answer for answer in corpus.answers if any(wanted in normalised(text) for text in answer.texts)]
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
    for title, hits in (
        (f"{len(by_words)} examples with these words", [(e.label, e.written, e.place, "") for e in by_words[:FOUND]]),
        (f"{len(answers)} answers with these words", [(a.name, a.texts[0], a.place, "") for a in answers[:FOUND]]),
        ("nearest in meaning", [(e.label, e.written, e.place, f"{s:.2f} ") for e, s in near]),
    ):
        out.print(f"[bold]{title}[/bold]")
        for label, text, place, score in hits:
            short = " ".join(text.split())
            short = short if len(short) <= SHORT else f"{short[:SHORT]}..."
            out.print(f"  {score}{label}: {escape(short)}  [dim]{_place(place)}[/dim]")
    return ExitCode.OK


def _by_meaning(sources: Sources, corpus: Corpus, words: str) -> list[tuple[Example, float]]:
    examples = distinct(corpus.examples)
    if not examples:
        return []
    rows = vectors_of([words, *(e.text for e in examples)], read_pipeline(sources.config), sources.cache_dir)
    found = nearest(rows[1:], rows[:1])
    best = sorted(found, key=lambda near: -near.similarity)[:FOUND]
    return [(examples[near.row], near.similarity) for near in best]


def _add(options: argparse.Namespace) -> int:
    settings = Settings.load()
    known = options.label in read_corpus(settings.data_dir).entries
    if known and options.answer:
        mend = f"`warmline content edit {options.label} --answer ...` changes it"
        raise CommandError(f"{options.label} has an answer already", mend, ExitCode.USAGE)
    if known:
        changes = [add_examples(settings.data_dir, options.label, options.examples)]
    elif options.label.startswith(FAQ_PREFIX) and options.answer:
        changes = [new_faq(settings.data_dir, options.label, options.examples, options.answer)]
    else:
        faq = options.label.startswith(FAQ_PREFIX)
        mend = 'give --answer "..." to make it' if faq else "intents are made in domain.yml, with a rule in data/rules"
        raise CommandError(f"there is no {'FAQ' if faq else 'intent'} {options.label}", mend, ExitCode.USAGE)
    return apply(changes, settings, TO_TRAIN, as_json=options.json)


def _edit(options: argparse.Namespace) -> int:
    settings = Settings.load()
    if options.answer is not None:
        name = options.label if options.label.startswith(UTTER) else UTTER + options.label
        old = read_corpus(settings.data_dir).answer_of.get(name)
        change = set_answer(settings.data_dir, name, options.answer, options.variant)
        then = LIVE_AT_ONCE if old is not None and old.is_written else TO_TRAIN
    elif options.remove is not None:
        change = replace_example(settings.data_dir, options.label, options.remove, None)
        then = TO_TRAIN
    elif options.to:
        change = replace_example(settings.data_dir, options.label, options.example, options.to)
        then = TO_TRAIN
    else:
        raise CommandError("--example needs --to", 'give the new wording with --to "..."', ExitCode.USAGE)
    return apply([change], settings, then, as_json=options.json)


def apply(changes: Sequence[Change], settings: Settings, then: str, *, as_json: bool) -> int:
    """Writes changes, and takes them back when the content has more errors with them than it had without."""
    sources = Sources.of(settings)
    before = {str(f.what) for f in check(sources).findings}
    for change in changes:
        change.write()
    new = [finding for finding in check(sources).findings if finding.what not in before]
    errors = [finding for finding in new if finding.severity is Severity.ERROR and finding.kind != "answer"]
    if errors:
        for change in reversed(changes):
            change.take_back()
        raise CommandError(f"nothing was changed: {errors[0].what}", errors[0].mend)
    if as_json:
        places = [{"file": shown(change.file), "line": change.line} for change in changes]
        print_json({"ok": True, "changed": places, "findings": [finding.as_json() for finding in new]})
        return ExitCode.OK
    print_findings(new)
    for change in changes:
        out.print(f"{shown(change.file)}:{change.line} is changed; {then}")
    return ExitCode.OK


def _answer(corpus: Corpus, label: str) -> str | None:
    answer = corpus.answer_of.get(UTTER + label)
    return " ".join(" / ".join(answer.texts).split()) if answer else None


def _hit(label: str, text: str, place: Place) -> dict[str, object]:
    return {"label": label, "text": text, "file": shown(place.file), "line": place.line}


def _place(place: Place) -> str:
    return f"{shown(place.file)}:{place.line}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

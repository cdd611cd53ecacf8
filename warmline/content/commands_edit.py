"""``warmline content check | add | edit``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from rich.markup import escape

from warmline.content.check import Checked, check
from warmline.content.corpus import FAQ_PREFIX, UTTER, read_corpus
from warmline.content.editing import Change, add_examples, new_faq, replace_example, set_answer
from warmline.content.findings import Finding, Severity, shown
from warmline.content.names import did_you_mean
from warmline.content.output import out, print_json
from warmline.content.places import is_there
from warmline.content.sources import Sources
from warmline.errors import CommandError, ExitCode
from warmline.progress import Progress
from warmline.settings import Settings

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
TO_TRAIN = "train it with `warmline content train`"
LIVE_AT_ONCE = "a running bot says it within a second, without training"
MARK = {Severity.ERROR: "[red]error[/red]  ", Severity.WARNING: "[yellow]warning[/yellow]"}


def add_commands(add: Add) -> None:
    """Adds these commands."""
    checking = add("check", _check, "Look for everything that is wrong in the content, and say how to mend it.")
    checking.add_argument("--errors", action="store_true", help="show errors only")
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


def _add(options: argparse.Namespace) -> int:
    settings = Settings.load()
    known = is_there(settings.data_dir, options.label)
    if known and options.answer:
        mend = f"`warmline content edit {options.label} --answer ...` changes it"
        raise CommandError(f"{options.label} has an answer already", mend, ExitCode.USAGE)
    if known:
        changes = [add_examples(settings.data_dir, options.label, options.examples)]
    elif options.label.startswith(FAQ_PREFIX) and options.answer:
        changes = [new_faq(settings.data_dir, options.label, options.examples, options.answer)]
    else:
        faq = options.label.startswith(FAQ_PREFIX)
        near = did_you_mean(options.label, read_corpus(settings.data_dir).entries)
        mend = (
            'a new FAQ needs --answer "..."' if faq else "a new intent is made in domain.yml, with a rule in data/rules"
        )
        what = f"there is no {'FAQ' if faq else 'intent'} {options.label}"
        raise CommandError(what, f"{near} If not: {mend}" if near else mend, ExitCode.USAGE)
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
    before = {str(f.what) for f in check(sources, desk=False).findings}
    for change in changes:
        change.write()
    try:
        new = [finding for finding in check(sources, desk=False).findings if finding.what not in before]
    except BaseException:  # Ctrl-C too: nothing is left that was not looked at
        _take_back(changes)
        raise
    errors = [finding for finding in new if finding.severity is Severity.ERROR and finding.kind != "answer"]
    if errors:
        _take_back(changes)
        raise CommandError(f"nothing was changed: {errors[0].what}", errors[0].mend)
    if as_json:
        places = [{"file": shown(change.file), "line": change.line} for change in changes]
        print_json({"ok": True, "changed": places, "findings": [finding.as_json() for finding in new]})
        return ExitCode.OK
    print_findings(new)
    for change in changes:
        out.print(f"{shown(change.file)}:{change.line} is changed; {then}")
    return ExitCode.OK


def _take_back(changes: Sequence[Change]) -> None:
    for change in reversed(changes):
        change.take_back()


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

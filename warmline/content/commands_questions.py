"""``warmline content unanswered | accept | ignore``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

from rich.markup import escape

from warmline.content.commands_edit import apply
from warmline.content.corpus import FAQ_PREFIX, read_corpus
from warmline.content.editing import add_examples, new_faq
from warmline.content.names import did_you_mean
from warmline.content.output import out, print_json
from warmline.content.places import is_there
from warmline.content.sources import Sources
from warmline.content.unanswered import Group, Ignored, as_examples, ask_handoff, choose, group, read_file
from warmline.errors import CommandError, ExitCode
from warmline.progress import Progress
from warmline.settings import Settings

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
LIMIT = 2000
SHOWN = 5
WHY = {"fell_back": "not understood", "unhelpful": "rated unhelpful", "handed_over": "handed over"}


def add_commands(add: Add) -> None:
    """Adds these commands."""
    listing = add("unanswered", _unanswered, "What customers asked and the assistant did not answer well, by meaning.")
    listing.add_argument("--all", action="store_true", help="show every question of a group")
    accepting = add("accept", _accept, "Add a group's questions to an intent or FAQ, or begin a new FAQ with them.")
    accepting.add_argument("group", help="the group's id, as `unanswered` shows it")
    accepting.add_argument("--as", dest="label", required=True, help="an intent, an FAQ, or the key of a new FAQ")
    accepting.add_argument("--only", type=int, nargs="+", metavar="N", help="only these questions of the group, from 1")
    accepting.add_argument("--answer", help="the answer of a new FAQ; without it, a draft waits for one")
    ignoring = add("ignore", _ignore, "Leave a group's questions out from now on, whatever group they come in.")
    ignoring.add_argument("group", nargs="?", help="the group's id, as `unanswered` shows it")
    ignoring.add_argument("--list", action="store_true", help="show what is ignored")
    ignoring.add_argument("--undo", metavar="TEXT", help="ask about this question again")
    for command in (listing, accepting, ignoring):
        command.add_argument("--input", type=Path, help="a file as `python -m handoff.questions --json` writes it")
        command.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help="only questions from this day on")
        text = f"so many questions at most, the newest (default: {LIMIT})"
        command.add_argument("--limit", type=_number, default=LIMIT, help=text)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-03-31") from error


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of questions; write 1 or more")
    return int(text)


def _groups(options: argparse.Namespace, settings: Settings) -> tuple[Group, ...]:
    with Progress(quiet=options.json).step("reading the questions", 3):
        questions = read_file(options.input) if options.input else ask_handoff(settings, options.since, options.limit)
        if options.input and options.since:
            questions = [question for question in questions if question.at >= options.since]
        return group(questions[: options.limit], Sources.of(settings), Ignored(settings).texts())


def _unanswered(options: argparse.Namespace) -> int:
    groups = _groups(options, Settings.load())
    if options.json:
        print_json({"ok": True, "groups": [asdict(item) for item in groups]})
        return ExitCode.OK
    for item in groups:
        why = ", ".join(f"{WHY.get(reason, reason)} {count}" for reason, count in item.why.items())
        times = "once" if item.times == 1 else f"{item.times} times"
        out.print(f"[bold]{item.id}[/bold]  asked {times} [dim]({why})[/dim]")
        for number, text in enumerate(item.questions if options.all else item.questions[:SHOWN], 1):
            out.print(f"  {number}. {escape(text)}")
        if len(item.questions) > SHOWN and not options.all:
            out.print(f"  [dim]and {len(item.questions) - SHOWN} more: --all shows them[/dim]")
        if item.answered:
            told = ", ".join(f"{topic} {count}" for topic, count in item.answered.items())
            out.print(f"  [dim]{escape(f'answered, but in vain, with: {told}')}[/dim]")
        nearest = f"nearest: {item.nearest} ({item.similarity:.2f}), {item.nearest_example}"
        out.print(f"  [dim]{escape(nearest)}[/dim]")
    if groups:
        found = "1 group" if len(groups) == 1 else f"{len(groups)} groups"
        out.print(f"{found}. `warmline content accept ID --as LABEL` or `warmline content ignore ID`")
    else:
        out.print("Nothing is left unanswered.")
    return ExitCode.OK


def _accept(options: argparse.Namespace) -> int:
    settings = Settings.load()
    chosen = choose(_groups(options, settings), options.group)
    texts, label = as_examples(chosen, options.label), options.label
    if options.only:
        if not all(1 <= number <= len(texts) for number in options.only):
            mend = "`warmline content unanswered --all` shows their numbers"
            raise CommandError(f"the group has {len(texts)} questions", mend, ExitCode.USAGE)
        texts = [texts[number - 1] for number in options.only]
    if is_there(settings.data_dir, label):
        if options.answer:
            mend = f"`warmline content edit {label} --answer ...` changes its answer"
            raise CommandError(f"{label} is there already", mend, ExitCode.USAGE)
        change = add_examples(settings.data_dir, label, texts)
        then = "train it with `warmline content train`"
    elif label.startswith(FAQ_PREFIX):
        change = new_faq(settings.data_dir, label, texts, options.answer or "")
        write = f'write the answer: `warmline content edit {label} --answer "..."`; until then training is refused'
        then = "train it with `warmline content train`" if options.answer else write
    else:
        near = did_you_mean(label, read_corpus(settings.data_dir).entries)
        mend = "name one of `warmline content list`, or faq/<category>_<words> for a new FAQ"
        raise CommandError(f"there is no intent {label}", f"{near} If not: {mend}" if near else mend, ExitCode.USAGE)
    return apply([change], settings, then, as_json=options.json)


def _ignore(options: argparse.Namespace) -> int:
    settings = Settings.load()
    ignored = Ignored(settings)
    if options.undo:
        gone = ignored.remove([options.undo])
        if not gone:
            mend = "`warmline content ignore --list` shows what is"
            raise CommandError(f"{options.undo!r} is not ignored", mend, ExitCode.USAGE)
    elif options.group and not options.list:
        chosen = choose(_groups(options, settings), options.group)
        ignored.add(chosen.questions)
    elif not options.list:
        raise CommandError("which group?", "give its id, --list or --undo TEXT", ExitCode.USAGE)
    texts = ignored.texts()
    if options.json:
        print_json({"ok": True, "ignored": list(texts)})
    elif options.list:
        for text in texts:
            out.print(f"  - {escape(text)}")
    else:
        out.print(f"{len(texts)} questions are ignored; `warmline content ignore --list` shows them")
    return ExitCode.OK

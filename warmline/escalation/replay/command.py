"""``warmline escalation replay``: its options, and its run from the stored conversations to what is shown."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from warmline.content.output import print_json
from warmline.content.personal_data import mask
from warmline.errors import CommandError, ExitCode
from warmline.escalation.replay.compare import Compared, compare
from warmline.escalation.replay.report import render
from warmline.escalation.replay.show import tables
from warmline.escalation.replay.staffing import read_staffing, staff_at_the_desk
from warmline.escalation.replay.stored import Conversation, stored
from warmline.escalation.replay.summary import Summary, as_json, summarise
from warmline.escalation.replay.turns import UnderPolicy, replay
from warmline.policy import EscalationPolicy
from warmline.progress import Progress

TEXT: Final = (
    "Run stored conversations under another policy: which would change and why, handoffs an hour against staffing, "
    "false and missed ones against the agents' verdicts. Each is compared up to the first turn at which the policies "
    "differ; what the customer would have said after that nobody knows."
)
GENERAL: Final = "general"
"""Whose hours the clock is that the hours of the day are told by, where no staffing file says."""
TOLD_EACH: Final = 100
"""Conversations after which it is told how far the replay is."""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of the replay to its parser."""

    def path(text: str) -> Path:
        return Path(text).absolute()  # before the command moves to the project's folder

    command.add_argument("--policy", type=path, required=True, metavar="OTHER.yml", help="the policy to try")
    command.add_argument(
        "--since", type=_day, required=True, metavar="YYYY-MM-DD", help="conversations begun on this day (UTC) or later"
    )
    command.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="only those begun on this day or earlier")
    command.add_argument("--report", type=path, metavar="FILE.html", help="write a page with pictures for the browser")
    command.add_argument(
        "--staffing",
        type=path,
        metavar="FILE.yml",
        help="who is there when (default: the staff of the desk during the policy's business hours)",
    )
    command.add_argument("--text", action="store_true", help="the customers' words unmasked, personal data included")


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-03-31") from error


def run(options: argparse.Namespace, policy: EscalationPolicy, console: Console) -> int:
    """Replay under ``policy`` and show what came of it; returns the exit code.

    Raises:
        CommandError: the conversations or the staff cannot be read, or the report cannot be written.
    """
    staffing = read_staffing(options.staffing) if options.staffing else staff_at_the_desk(policy)
    with Progress(quiet=options.json).step("replaying") as tell:
        found = replayed(
            stored(options.since, options.until),
            policy,
            unmasked=options.text,
            done=lambda number: tell(f"{number:,} conversations"),
        )
    summary = summarise(found, policy.version, staffing.zone or policy.hours_of(GENERAL).zone, staffing)
    if options.report:
        _write(options.report, summary)
    if options.json:
        print_json({"ok": True, **as_json(summary), "report": str(options.report) if options.report else None})
        return ExitCode.OK
    for part in tables(summary):
        console.print(part, markup=not isinstance(part, str))
        console.print()
    if options.report:
        console.print(f"The report: {options.report}", markup=False)
    return ExitCode.OK


def replayed(
    conversations: Iterable[Conversation],
    policy: EscalationPolicy,
    *,
    unmasked: bool = False,
    done: Callable[[int], None] = lambda _number: None,
    each: int = TOLD_EACH,
) -> list[Compared]:
    """Return each conversation as it was decided and under ``policy``; ``done`` is told after ``each`` so many."""
    under = UnderPolicy(policy)
    found = []
    for number, conversation in enumerate(conversations, 1):
        turns = tuple(replay(conversation, under))
        found.append(compare(conversation, turns, (lambda text: text) if unmasked else mask))
        if number % each == 0:
            done(number)
    return found


def _write(file: Path, summary: Summary) -> None:
    try:
        file.write_text(render(summary, datetime.now(UTC)), encoding="utf-8")
    except OSError as error:
        mend = "give a file in a folder that can be written"
        raise CommandError(f"{file} cannot be written: {error.strerror}", mend, ExitCode.USAGE) from error

"""``warmline escalation ...``: the commands of those who own the escalation policy."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from warmline.content.commands_edit import print_findings
from warmline.content.corpus import read_corpus
from warmline.content.findings import shown
from warmline.content.output import out, print_json
from warmline.errors import CommandError, ExitCode
from warmline.escalation.check import check
from warmline.escalation.explain import as_json as conversation_json
from warmline.escalation.explain import ask_handoff, masked, table
from warmline.escalation.matrix import as_json
from warmline.escalation.policy_file import usable_policy
from warmline.escalation.replay import command as replay
from warmline.escalation.show import tables
from warmline.settings import Settings

TEXT: Final = "Check, show, explain and try out when a conversation goes to a person, and why."
EPILOG: Final = """Every key of the file: docs/escalation-policy.md.

exit codes:
  0  all is well (check: warnings may be told)
  1  check found an error; the policy or the database cannot be read
  2  a wrong argument or setting, or no such file
"""
WIDTH: Final = 150
"""Columns for the tables where no terminal says how wide it is."""

Command = Callable[[argparse.Namespace], int]


def add_escalation_commands(commands: Any) -> None:
    """Adds ``escalation`` and its commands to the parsers of ``warmline``."""
    escalation = commands.add_parser(
        "escalation", help=TEXT, description=TEXT, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    group = escalation.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = group.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="print the result as JSON on standard output")
        return command

    def path(text: str) -> Path:
        return Path(text).absolute()  # before the command moves to the project's folder

    checking = add("check", _check, "Say what is wrong with the policy, with the line and the remedy.")
    checking.add_argument("file", nargs="?", type=path, metavar="FILE", help="default: data/escalation.yml")
    showing = add("show", _show, "Print the escalation matrix, thresholds, risks, limits and hours as tables.")
    showing.add_argument("--category", metavar="KEY", help="only this category, such as billing")
    showing.add_argument("--file", type=path, metavar="FILE", help="default: data/escalation.yml")
    explaining = add("explain", _explain, "Say, turn by turn, what was decided about a conversation, and why.")
    explaining.add_argument(
        "conversation",
        metavar="CONVERSATION",
        help="its id, or the number of a case such as WL-1001 (an id that begins with a dash: after --)",
    )
    explaining.add_argument("--text", action="store_true", help="the customer's words unmasked, personal data included")
    replay.add_options(add("replay", _replay, replay.TEXT))


def _check(options: argparse.Namespace) -> int:
    settings = Settings.load()
    file: Path = options.file or settings.policy_file
    if not file.is_file():
        raise CommandError(f"there is no file {file}", "give the path of a policy, or none", ExitCode.USAGE)
    found = check(file, read_corpus(settings.data_dir).entries)
    if options.json:
        findings = [finding.as_json() for finding in found.findings]
        print_json({"ok": not found.errors, "file": shown(file), "version": found.version, "findings": findings})
    else:
        print_findings(found.findings)
        said = f"version {found.version}" if found.version else "cannot be used"
        warnings = len(found.findings) - found.errors
        out.print(f"{escape(shown(file))}: {said}; {found.errors} errors, {warnings} warnings")
    return ExitCode.FAILED if found.errors else ExitCode.OK


def _show(options: argparse.Namespace) -> int:
    policy = usable_policy(options.file or Settings.load().policy_file)
    if options.category is not None and options.category not in policy.categories:
        mend = f"choose one of {', '.join(policy.categories)}"
        raise CommandError(f"there is no category {options.category!r}", mend, ExitCode.USAGE)
    if options.json:
        print_json({"ok": True, **as_json(policy, options.category)})
        return ExitCode.OK
    console = _console()
    console.print(f"Policy version {policy.version}\n")
    for part in tables(policy, options.category):
        console.print(part)
        console.print()
    return ExitCode.OK


def _explain(options: argparse.Namespace) -> int:
    found = ask_handoff(Settings.load(), options.conversation)
    told = found if options.text else masked(found)
    if options.json:
        print_json({"ok": True, **conversation_json(told)})
        return ExitCode.OK
    console = _console()
    console.print(table(told))
    for case in told.cases:
        console.print(
            f"{case.number} of {case.opened_at[:16].replace('T', ' ')}: {case.reason}, {case.category}, "
            f"severity {case.severity}, level {case.level}"
        )
    if not told.cases:
        console.print("No case came of it.")
    return ExitCode.OK


def _replay(options: argparse.Namespace) -> int:
    if not options.policy.is_file():
        raise CommandError(f"there is no file {options.policy}", "give the path of a policy", ExitCode.USAGE)
    return replay.run(options, usable_policy(options.policy), _console())


def _console() -> Console:
    return Console(highlight=False, width=None if out.is_terminal else WIDTH)

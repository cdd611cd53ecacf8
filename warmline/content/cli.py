"""``warmline content ...``: the commands of the content editor."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from warmline.content import commands_edit, commands_find, commands_model, commands_proposals, commands_questions

EPILOG = """A walk through all of it: docs/for-content-editors.md.

exit codes:
  0  all is well
  1  an error was found, a step failed, or a model was refused
  2  a wrong argument or setting
"""

Command = Callable[[argparse.Namespace], int]


def add_content_commands(commands: Any) -> None:
    """Adds ``content`` and its commands to the parsers of ``warmline``."""
    text = "Check, change, train, evaluate and publish what the assistant understands and says."
    content = commands.add_parser(
        "content", help=text, description=text, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    group = content.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = group.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="print the result as JSON on standard output")
        return command

    for part in (commands_edit, commands_find, commands_model, commands_questions, commands_proposals):
        part.add_commands(add)

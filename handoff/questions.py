"""``python -m handoff.questions``: what customers asked and the bot did not answer, or not well.

For the operator at the machine, and for the editor's tools: the customers' words come as they were written, with
whatever personal data is in them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from handoff.command import day, on_one_line, with_database
from handoff.domain.questions import Question
from handoff.store.database import Database
from handoff.store.questions import questions_to_look_at

EPILOG = """why:
  fell_back    the bot did not know what it was about
  unhelpful    the customer rated the answer as not helpful
  handed_over  a person had to take over after it: not understood again and again, unsure, frustration, or asked for
exit codes:
  0  all is well, also when there is no such question
  1  the database cannot be read
  2  a wrong argument or setting
"""


def as_json(question: Question) -> dict[str, object]:
    """A question as ``--json`` prints it."""
    return {
        "message_id": question.message_id,
        "conversation_id": question.conversation_id,
        "at": question.at.isoformat(),
        "text": question.text,
        "why": list(question.why),
        "intent": question.intent,
        "topic": question.topic,
        "confidence": question.confidence,
        "frustration": question.frustration,
    }


def as_table(questions: Sequence[Question]) -> str:
    """The questions for reading, one a line. Nothing that a terminal would obey is left in the customers' words."""
    if not questions:
        return "There are none: nothing fell back, was rated as not helpful or was handed over."
    rows = [("asked (UTC)", "why", "understood as", "question")]
    for question in questions:
        why = ", ".join(reason.replace("_", " ") for reason in question.why)
        understood = f"{question.topic or question.intent} {question.confidence:.2f}"
        rows.append((f"{question.at:%Y-%m-%d %H:%M}", why, understood, on_one_line(question.text)))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of questions; write 1 or more")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m handoff.questions",
        description="The customers' questions to look at, newest first, in the customers' own words.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print a JSON array on standard output")
    parser.add_argument("--since", type=day, metavar="YYYY-MM-DD", help="only those asked on this day (UTC) or later")
    parser.add_argument("--limit", type=_number, metavar="N", help="at most so many, the newest")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when the database cannot be read, 2 for wrong arguments or settings."""
    options = _parser().parse_args(arguments)

    async def work(db: Database) -> int:
        async with db.read() as connection:
            found = await questions_to_look_at(connection, since=options.since, limit=options.limit)
        if options.json:
            print(json.dumps([as_json(question) for question in found], ensure_ascii=False, indent=1))
        else:
            print(as_table(found))
        return 0

    return with_database("handoff.questions", work, export="questions")


if __name__ == "__main__":
    sys.exit(main())

"""``python -m handoff.labels``: what agents said of the assistant's decisions, as labels to learn from.

For the operator at the machine, and for training: the customers' words come as they were written, with whatever
personal data is in them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from handoff.command import day, on_one_line, with_database
from handoff.domain.labels import CategoryLabel, VerdictLabel
from handoff.store.database import Database
from handoff.store.labels import labels_given

EPILOG = """what comes:
  verdicts    whether a person was needed: needed, not_needed or should_have_come_earlier, with the customer's messages
  categories  categories that an agent corrected by a transfer, with the words that told the problem
exit codes:
  0  all is well, also when there is no label
  1  the database cannot be read
  2  a wrong argument or setting
"""


def as_json(verdicts: Sequence[VerdictLabel], categories: Sequence[CategoryLabel]) -> str:
    """The labels as ``--json`` prints them: an object with both lists, oldest first."""
    content = {"verdicts": [asdict(label) for label in verdicts], "categories": [asdict(label) for label in categories]}
    return json.dumps(content, ensure_ascii=False, indent=1, default=_moment)


def _moment(value: object) -> str:
    """Times as ISO 8601. Raises ``TypeError`` for anything else that JSON does not know."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value))


def as_table(verdicts: Sequence[VerdictLabel], categories: Sequence[CategoryLabel]) -> str:
    """The labels for reading, one a line. Nothing that a terminal would obey is left in the customers' words."""
    if not verdicts and not categories:
        return "There are none: nobody said of a case whether a person was needed, or corrected its queue."
    lines = [f"{len(verdicts)} verdicts, {len(categories)} corrected categories"]
    for verdict in verdicts:
        handed_over = next((turn.text for turn in verdict.turns if turn.message_id == verdict.handed_over_at), "")
        said = verdict.verdict.replace("_", " ")
        lines.append(_line(verdict.judged_at, verdict.case_number, said, handed_over))
    for label in categories:
        moved = f"{label.decided} -> {label.corrected}"
        lines.append(_line(label.corrected_at, label.case_number, moved, " / ".join(label.words)))
    return "\n".join(lines)


def _line(at: datetime, number: str, label: str, words: str) -> str:
    return f"{at:%Y-%m-%d %H:%M}  {number:<9}  {label:<25}  {on_one_line(words)}".rstrip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m handoff.labels",
        description="The agents' verdicts on handoffs, and the categories that they corrected.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object on standard output")
    parser.add_argument("--since", type=day, metavar="YYYY-MM-DD", help="only labels given on this day (UTC) or later")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when the database cannot be read, 2 for wrong arguments or settings."""
    options = _parser().parse_args(arguments)

    async def work(db: Database) -> int:
        async with db.read() as connection:
            verdicts, categories = await labels_given(connection, since=options.since)
        print((as_json if options.json else as_table)(verdicts, categories))
        return 0

    return with_database("handoff.labels", work, export="labels")


if __name__ == "__main__":
    sys.exit(main())

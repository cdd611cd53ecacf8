"""``python -m handoff.review``: the post-escalation review, what recurs and what could have gone otherwise (P28)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from handoff.command import day, with_database
from handoff.domain.review import Review
from handoff.services.review import review_of
from handoff.store.database import Database
from warmline.policy import PolicyError, load_policy
from warmline.settings import Settings, SettingsError

DAYS = 30
SHOWN = 6
EPILOG = """what comes:
  recurring causes   root causes by category, with how many there were in as long a time before
  lower level        cases that a level solved although the policy lets a lower one decide them
  not needed         handoffs that needed no person, by verdict or disposition
  gaps               topics that were handed over because the assistant had nothing to say
exit codes:
  0  all is well, also when nothing was closed
  1  the database or the policy cannot be read
  2  a wrong argument or setting
"""


def as_json(found: Review) -> str:
    """The review as ``--json`` prints it."""
    content = asdict(found)
    for row, cause in zip(content["causes"], found.causes, strict=True):
        row["trend"] = cause.trend
    return json.dumps(content, ensure_ascii=False, indent=1, default=_moment)


def _moment(value: object) -> str:
    """Times as ISO 8601. Raises ``TypeError`` for anything else that JSON does not know."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value))


def as_tables(found: Review) -> str:
    """The review for reading: a table for each question."""
    parts = [f"{found.resolutions} resolutions from {found.since:%Y-%m-%d} to before {found.until:%Y-%m-%d} (UTC)"]
    parts += _table(
        "Recurring causes",
        ("category", "root cause", "cases", "share", "before", "trend", "reopened"),
        [
            (
                row.category,
                row.root_cause,
                str(row.count),
                f"{row.share:.0%}",
                str(row.before),
                f"{row.trend:+d}",
                str(row.reopened),
            )
            for row in found.causes
        ],
    )
    parts += _table(
        "Could have been solved at a lower level",
        ("category", "solved by level", "level needed", "cases", "which"),
        [
            (row.category, str(row.level), str(row.needed_level), str(len(row.cases)), _some(row.cases))
            for row in found.lower_level
        ],
    )
    parts += _table(
        "Handoffs that were not needed",
        ("category", "reason", "not needed", "of those judged"),
        [(row.category, row.reason, str(row.not_needed), str(row.judged)) for row in found.not_needed],
    )
    parts += _table(
        "Gaps in the content",
        ("category", "topic", "cases", "which"),
        [(row.category, row.topic or "(not understood)", str(row.count), _some(row.cases)) for row in found.gaps],
    )
    return "\n".join(parts)


def _some(numbers: Sequence[str]) -> str:
    return ", ".join(numbers[:SHOWN]) + (f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else "")


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return ["", f"{title}: none"]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    first = "  ".join(cell.ljust(width) for cell, width in zip(head, widths, strict=True)).rstrip()
    return ["", title, f"  {first}", *(f"  {line}" for line in lines)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m handoff.review",
        description="What recurs among closed cases, and what could have gone otherwise.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object on standard output")
    parser.add_argument("--since", type=day, metavar="YYYY-MM-DD", help=f"from this day on (default: {DAYS} days)")
    parser.add_argument("--until", type=day, metavar="YYYY-MM-DD", help="up to before this day (default: now)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when something cannot be read, 2 for wrong arguments or settings."""
    parser = _parser()
    options = parser.parse_args(arguments)
    until = options.until or datetime.now(UTC)
    since = options.since or until - timedelta(days=DAYS)
    if since >= until:
        parser.error("--since must lie before --until")
    try:
        policy = load_policy(Settings.load().policy_file)
    except SettingsError as error:
        print(f"handoff.review: {error}", file=sys.stderr)
        return 2
    except PolicyError as error:
        print(f"handoff.review: {error}", file=sys.stderr)
        return 1

    async def work(db: Database) -> int:
        async with db.read() as connection:
            found = await review_of(connection, policy, since=since, until=until)
        print((as_json if options.json else as_tables)(found))
        return 0

    return with_database("handoff.review", work)


if __name__ == "__main__":
    sys.exit(main())

"""``python -m handoff.audit``: who did and who saw what, for an operator at the machine."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from handoff.command import at_the_machine, day, on_one_line, with_database
from handoff.domain.audit import AuditEntry, AuditFilter, Did
from handoff.store.audit import add_entry, read_entries
from handoff.store.database import Database

COLUMNS: Final = ("id", "at", "actor_type", "actor_id", "actor_name", "action", "object_type", "object_id", "data")
_MAY_CALCULATE: Final = ("=", "+", "-", "@", "\t", "\r")
EPILOG = """actions:
  case.STEP (case.opened, case.accepted, case.resolved ...), case.seen, list.read, search, transcript.read,
  conversation.view, conversation.monitored, attachment.read, message.brought, sign_in, sign_in.failed, sign_out,
  export, staff.saved, staff.deactivated, key.added, key.revoked, policy.in_force, audit.read,
  demo.history_written, demo.wiped; `--action 'case.*'` takes all that begin so
exit codes:
  0  all is well, also when there is no such entry
  1  the database cannot be read
  2  a wrong argument or setting
"""


def values(entry: AuditEntry) -> dict[str, object]:
    """An entry by column, with its time as ISO 8601."""
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "actor_type": entry.actor.type.value,
        "actor_id": entry.actor.id,
        "actor_name": entry.actor.name,
        "action": entry.action,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "data": entry.data,
    }


def as_csv(entries: Iterable[AuditEntry]) -> str:
    """Entries as CSV with a head; ``data`` is JSON. What a spreadsheet would calculate gets an apostrophe in front."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in entries:
        row = values(entry) | {"data": json.dumps(entry.data, ensure_ascii=False, sort_keys=True)}
        writer.writerow([_harmless("" if row[name] is None else str(row[name])) for name in COLUMNS])
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_MAY_CALCULATE) else cell


def as_table(entries: Sequence[AuditEntry]) -> str:
    """Entries for reading, one a line."""
    if not entries:
        return "There are none."
    lines = []
    for entry in entries:
        who = entry.actor.name or entry.actor.id or entry.actor.type
        what = f"{entry.object_type} {entry.object_id or ''}".rstrip()
        told = json.dumps(entry.data, ensure_ascii=False, sort_keys=True) if entry.data else ""
        lines.append(on_one_line(f"{entry.at:%Y-%m-%d %H:%M:%S}  {who:24}  {entry.action:20}  {what}  {told}".rstrip()))
    return "\n".join(lines)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of entries from 1 to 1000000")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="warmline audit",
        description="Who did and who saw what, newest first.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print a JSON array on standard output")
    how.add_argument("--csv", action="store_true", help="print CSV on standard output")
    parser.add_argument("--actor", metavar="ID", help="only what this agent, customer or key did")
    parser.add_argument("--action", help="only this, or with * at the end all that begin so")
    parser.add_argument("--object", metavar="ID", help="only what was done to or seen of this: a case's id, a key's")
    parser.add_argument("--since", type=day, metavar="YYYY-MM-DD", help="on this day (UTC) or later")
    parser.add_argument("--until", type=day, metavar="YYYY-MM-DD", help="on this day (UTC) or earlier")
    parser.add_argument("--limit", type=_number, default=100, metavar="N", help="at most so many (default: 100)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when the database cannot be read, 2 for wrong arguments or settings."""
    options = _parser().parse_args(arguments)
    wanted = AuditFilter(
        actor_id=options.actor,
        action=options.action,
        object_id=options.object,
        since=options.since,
        until=options.until + timedelta(days=1) if options.until else None,
    )

    async def work(db: Database) -> int:
        async with db.read() as connection:
            found = await read_entries(connection, wanted, limit=options.limit)
        async with db.write() as connection:
            actor = at_the_machine("warmline audit")
            entry = AuditEntry(datetime.now(UTC), actor, Did.AUDIT_READ, "audit", None, {"entries": len(found)})
            await add_entry(connection, entry)
        if options.csv:
            sys.stdout.write(as_csv(found))
        elif options.json:
            print(json.dumps([values(entry) for entry in found], ensure_ascii=False, indent=1))
        else:
            print(as_table(found))
        return 0

    return with_database("warmline audit", work)


if __name__ == "__main__":
    sys.exit(main())

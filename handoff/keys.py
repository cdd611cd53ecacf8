"""``python -m handoff.keys``: the keys of other systems, for an operator at the machine."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from handoff.command import at_the_machine, with_database
from handoff.contract import Category
from handoff.domain.api_keys import NAME_RULE, ApiKey, Scope
from handoff.domain.errors import HandoffError
from handoff.http.views import key_view
from handoff.services.api_keys import add_key, revoke_key
from handoff.services.context import unguessable_id
from handoff.store import api_keys as store
from handoff.store.database import Database

EPILOG = """scopes:
  cases:read      cases, their history without what was said, and which ones changed
  cases:write     open, note, resolve, reopen, set references
  messages:read   what was said, and private notes
  messages:write  write to the customer, or bring what they wrote elsewhere
  surveys:write   bring how the customer rated a solution
  customers:read  name, e-mail and identifier of a case's customer
exit codes:
  0  all is well
  1  it cannot be done, or the database cannot be read
  2  a wrong argument or setting
"""


def as_table(keys: Sequence[ApiKey], now: datetime) -> str:
    """The keys for reading, one a line."""
    if not keys:
        return "There are none. `warmline keys add NAME --scope cases:read` makes one."
    rows = [("id", "name", "state", "last used (UTC)", "may")]
    for key in keys:
        state = "revoked" if key.revoked_at else "live" if key.is_live(now) else "expired"
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
        only = f" in {', '.join(sorted(key.categories))}" if key.categories else ""
        rows.append((key.id, key.name, state, used, f"{', '.join(sorted(key.scopes))}{only}"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[4]]) for row in rows
    )


def _days(text: str) -> timedelta:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 3660):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to 3660")
    return timedelta(days=int(text))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="warmline keys",
        description="The keys by which other systems open and change cases.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="make a key, which is shown this once")
    add.add_argument("name", help=f"the system that gets it: {NAME_RULE}")
    scopes = [scope.value for scope in Scope]
    add.add_argument("--scope", action="append", required=True, choices=scopes, help="may be repeated")
    queues = [category.value for category in Category]
    add.add_argument("--category", action="append", default=[], choices=queues, help="only these; may be repeated")
    add.add_argument("--days", type=_days, help="how long it lasts (default: until it is revoked)")
    add.add_argument("--json", action="store_true")
    listed = commands.add_parser("list", help="show every key, without its secret")
    listed.add_argument("--json", action="store_true")
    commands.add_parser("revoke", help="take a key back; its next call is refused").add_argument("id")
    return parser


async def _work(db: Database, options: argparse.Namespace) -> int:
    now, actor = datetime.now(UTC), at_the_machine("warmline keys")
    if options.command == "list":
        async with db.read() as connection:
            keys = await store.all_keys(connection)
        print(json.dumps([key_view(key, now) for key in keys], indent=1) if options.json else as_table(keys, now))
        return 0
    try:
        if options.command == "revoke":
            key = await revoke_key(db, actor, options.id, now=now)
            print(f"The key of {key.name} no longer opens anything.")
            return 0
        key, token = await add_key(
            db,
            actor,
            unguessable_id(),
            name=options.name,
            scopes=frozenset(map(Scope, options.scope)),
            categories=frozenset(map(Category, options.category)),
            expires_at=now + options.days if options.days else None,
            now=now,
        )
    except HandoffError as error:
        print(f"warmline keys: {error.message} `warmline keys list` shows all.", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"key": key_view(key, now), "token": token}, indent=1))
    else:
        print(f"{token}\nThis is the only time it is shown. It is the key {key.id} of {key.name}.")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when it cannot be done, 2 for wrong arguments or settings."""
    options = _parser().parse_args(arguments)
    return with_database("warmline keys", lambda db: _work(db, options))


if __name__ == "__main__":
    sys.exit(main())

"""``python -m handoff.outbox``: what was to be delivered outside, and sending again what was given up."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from handoff.command import context_of, on_one_line, with_database
from handoff.domain.actors import SYSTEM
from handoff.domain.errors import HandoffError
from handoff.domain.outbox import Delivery, DeliveryStatus, Filter
from handoff.services import webhooks
from handoff.store.database import Database
from warmline.settings import Settings

EPILOG = """status:
  pending     waits for its next attempt
  sent        has arrived
  dead        was given up: too many attempts, or refused for good
  not_needed  the customer has read it in the chat, or its webhook was removed
exit codes:
  0  done, also when there is nothing
  1  there is no such delivery, or the database cannot be read
  2  a wrong argument or setting
"""


def as_json(delivery: Delivery) -> dict[str, object]:
    """A delivery as ``--json`` prints it: without its content, which may be about people."""
    return {
        "id": delivery.id,
        "channel": delivery.channel,
        "webhook_id": delivery.webhook_id,
        "event": delivery.event,
        "event_id": delivery.event_id,
        "case_id": delivery.case_id,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at.isoformat(),
        "sent_at": delivery.sent_at.isoformat() if delivery.sent_at else None,
        "error": delivery.error,
    }


def as_table(found: Sequence[Delivery]) -> str:
    """The deliveries for reading, one a line."""
    if not found:
        return "There are none."
    rows = [("id", "made (UTC)", "channel", "event", "attempts", "error")]
    rows += [
        (
            one.id,
            f"{one.created_at:%Y-%m-%d %H:%M}",
            one.channel.value,
            one.event,
            str(one.attempts),
            on_one_line(one.error or ""),
        )
        for one in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]]) for row in rows
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of deliveries; write 1 or more")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="warmline outbox",
        description="What was to be delivered outside: to webhooks and by mail.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listed = commands.add_parser("list", help="show deliveries, newest first; the dead ones unless told otherwise")
    listed.add_argument("--status", choices=[status.value for status in DeliveryStatus], default="dead")
    listed.add_argument("--limit", type=_number, default=100, metavar="N", help="at most so many (default: 100)")
    listed.add_argument("--json", action="store_true", help="print a JSON array on standard output")
    again = commands.add_parser("resend", help="make dead deliveries due again; a running Warmline sends them")
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", help="one delivery")
    which.add_argument("--all", action="store_true", help="all that are dead")
    return parser


async def _run(options: argparse.Namespace, db: Database) -> int:
    context = context_of(Settings.load(), db)
    if options.command == "list":
        wanted = Filter(status=DeliveryStatus(options.status), limit=options.limit)
        found = await webhooks.list_deliveries(context, wanted)
        if options.json:
            print(json.dumps([as_json(delivery) for delivery in found], indent=1))
        else:
            print(as_table(found))
        return 0
    count = await webhooks.send_again(context, SYSTEM, None if options.all else options.id)
    print(f"{count} will be sent again.")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when it cannot be done, 2 for wrong arguments or settings."""
    options = _parser().parse_args(arguments)

    async def work(db: Database) -> int:
        try:
            return await _run(options, db)
        except HandoffError as error:
            print(f"warmline outbox: {error.message}", file=sys.stderr)
            return 1

    return with_database("warmline outbox", work)


if __name__ == "__main__":
    sys.exit(main())

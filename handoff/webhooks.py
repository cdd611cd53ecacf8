"""``python -m handoff.webhooks``: which other systems are told of what happens, for an operator at the machine."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from handoff.command import context_of, on_one_line, with_database
from handoff.delivery.webhooks import WebhookClient, check_target
from handoff.domain.actors import SYSTEM
from handoff.domain.errors import HandoffError
from handoff.domain.outbox import EventName, Verdict, Webhook, WebhookFormat
from handoff.services import webhooks
from handoff.services.context import Context
from handoff.store.database import Database
from warmline.settings import Settings

EPILOG = f"""events:
  {chr(10).join(f"  {event}" for event in webhooks.TO_CHOOSE).strip()}
  docs/webhooks.md describes each.
exit codes:
  0  done; with test: it was delivered
  1  it could not be done, or the database cannot be read
  2  a wrong argument or setting
"""


def as_json(webhook: Webhook) -> dict[str, object]:
    """A webhook as ``--json`` prints it; the secret is shown only when it is made."""
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "format": webhook.format,
        "events": sorted(webhook.events),
        "created_at": webhook.created_at.isoformat(),
    }


def _event(text: str) -> EventName:
    if text not in frozenset(webhooks.TO_CHOOSE):
        raise argparse.ArgumentTypeError(f"{text!r} is no event; write one of {', '.join(webhooks.TO_CHOOSE)}")
    return EventName(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="warmline webhooks",
        description="Which other systems are told of what happens.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="tell another address; prints the secret once")
    add.add_argument("name")
    add.add_argument("url")
    add.add_argument("--format", choices=[form.value for form in WebhookFormat], default=WebhookFormat.WARMLINE.value)
    add.add_argument("--event", action="append", type=_event, metavar="EVENT", help="may be repeated; none: all events")
    commands.add_parser("list", help="show them").add_argument("--json", action="store_true")
    commands.add_parser("remove", help="tell an address nothing more").add_argument("name", help="its name or id")
    commands.add_parser("test", help="send a test now").add_argument("name", help="its name or id")
    return parser


async def _find(context: Context, name: str) -> Webhook | None:
    found = await webhooks.list_webhooks(context)
    return next((webhook for webhook in found if name in (webhook.name, webhook.id)), None)


async def _run(options: argparse.Namespace, settings: Settings, db: Database) -> int:
    context = context_of(settings, db)
    if options.command == "add":
        await check_target(options.url, allow_private=settings.webhooks_to_private_networks)
        webhook = await webhooks.add_webhook(
            context,
            SYSTEM,
            name=options.name,
            url=options.url,
            format=WebhookFormat(options.format),
            events=options.event or webhooks.TO_CHOOSE,
        )
        print(f"{webhook.name} ({webhook.id}) is told of {len(webhook.events)} events from now on.")
        print(f"Its secret, shown only now: {webhook.secret}")
        return 0
    if options.command == "list":
        found = await webhooks.list_webhooks(context)
        if options.json:
            print(json.dumps([as_json(webhook) for webhook in found], indent=1))
        else:
            for webhook in found:
                told = on_one_line(f"{webhook.name}  {webhook.url}  {webhook.format}")
                print(f"{webhook.id}  {told}  {', '.join(sorted(webhook.events))}")
        return 0
    wanted = await _find(context, options.name)
    if wanted is None:
        print(f"warmline webhooks: there is no webhook {options.name}; `warmline webhooks list`", file=sys.stderr)
        return 1
    if options.command == "remove":
        await webhooks.remove_webhook(context, SYSTEM, wanted.id)
        print(f"{wanted.name} is told nothing more.")
        return 0
    client = WebhookClient.open(context.clock, context.wording, allow_private=settings.webhooks_to_private_networks)
    try:
        outcome = await client.send(wanted, webhooks.trial_delivery(context, wanted))
    finally:
        await client.close()
    if outcome.verdict is not Verdict.SENT:
        print(f"warmline webhooks: not delivered to {wanted.name}: {outcome.error}", file=sys.stderr)
        return 1
    print(f"{wanted.name} has taken it.")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when it cannot be done, 2 for wrong arguments or settings."""
    options = _parser().parse_args(arguments)

    async def work(db: Database) -> int:
        try:
            return await _run(options, Settings.load(), db)
        except HandoffError as error:
            print(f"warmline webhooks: {error.message}", file=sys.stderr)
            return 1

    return with_database("warmline webhooks", work)


if __name__ == "__main__":
    sys.exit(main())

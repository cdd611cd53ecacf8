"""``python -m handoff.history``: whole conversations as they are stored, one a line, for replays and for reading.

For the operator at the machine: everybody's words come as they were written, with whatever personal data is in them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from handoff.command import day, on_one_line, with_database
from handoff.domain.conversations import Conversation, Message, SenderType, Turn
from handoff.domain.whole import WholeCase, WholeConversation
from handoff.store.database import Database
from handoff.store.whole import AT_ONCE, conversations_begun, conversations_named, wholes

VERSION: Final = 1
"""Of the lines: grows when a field changes its meaning or goes."""
EPILOG = """exit codes:
  0  all is well, also when there is no conversation
  1  the database cannot be read, or there is no conversation of that id
  2  a wrong argument or setting
"""


async def stored_conversations(
    db: Database, *, since: datetime | None = None, before: datetime | None = None, at_once: int = AT_ONCE
) -> AsyncIterator[WholeConversation]:
    """The conversations begun from ``since`` until ``before``, oldest first; only some are in memory at once.

    Each lot is read in a transaction of its own, so that a running service is never held up.
    """
    last: Conversation | None = None
    while True:
        async with db.read() as connection:
            found = await conversations_begun(connection, since=since, before=before, after=last, limit=at_once)
            lot = await wholes(connection, found)
        for whole in lot:
            yield whole
        if not found:
            return
        last = found[-1]


def as_json(whole: WholeConversation) -> dict[str, Any]:
    """A conversation as ``--json-lines`` prints it; every field stands in ``docs/operations.md``."""
    turns = {turn.message_id: turn for turn in whole.turns}
    return {
        "version": VERSION,
        "id": whole.conversation.id,
        "started_at": whole.conversation.started_at.isoformat(),
        "last_activity_at": whole.conversation.last_activity_at.isoformat(),
        "customer": {
            "id": whole.customer.id,
            "tier": whole.customer.tier,
            "verified": whole.customer.verified,
        },
        "contacts": [contact.model_dump(mode="json") for contact in whole.contacts],
        "messages": [_message(message, turns.get(message.id)) for message in whole.messages],
        "cases": [_case(case) for case in whole.cases],
        "owner_changes": [
            {
                "at": change.at.isoformat(),
                "owner_type": change.owner_type,
                "agent_id": change.agent_id,
                "case_id": change.case_id,
            }
            for change in whole.owner_changes()
        ],
    }


def _message(message: Message, turn: Turn | None) -> dict[str, Any]:
    content: dict[str, Any] = {
        "id": message.id,
        "seq": message.seq,
        "role": message.sender,
        "text": message.text,
        "at": message.created_at.isoformat(),
        "notice": message.notice,
        "rating": message.rating,
    }
    if message.sender is SenderType.CUSTOMER:
        content["payload"] = turn.payload if turn else None
        content["turn_status"] = turn.status if turn else None
        content["record"] = turn.record.model_dump(mode="json") if turn and turn.record else None
    if message.sender is SenderType.BOT:
        content["answers_turn"] = message.answers_turn
    return content


def _case(whole: WholeCase) -> dict[str, Any]:
    case, verdict = whole.case, whole.verdict
    return {
        "id": case.id,
        "number": case.number,
        "opened_at": case.opened_at.isoformat(),
        "handoff_message_id": case.handoff_message_id,
        "reason": case.reason,
        "kind": case.context.kind,
        "category": whole.decided_category,
        "severity": whole.decided_severity,
        "level": whole.decided_level,
        "policy_version": case.context.policy_version,
        "category_now": case.category,
        "severity_now": case.severity,
        "level_now": case.level,
        "closed_at": case.resolved_at.isoformat() if case.resolved_at else None,
        "verdict": verdict.verdict if verdict else None,
        "should_have_come_at": verdict.message_id if verdict else None,
    }


def as_row(whole: WholeConversation) -> str:
    """A conversation for reading, on one line. Nothing that a terminal would obey is left in the customer's words."""
    scores = [turn.record.frustration for turn in whole.turns if turn.record is not None]
    first = next((message.text for message in whole.messages if message.sender is SenderType.CUSTOMER), "")
    peak = f"{max(scores):.2f}" if scores else "-"
    cases = ", ".join(
        f"{case.case.number} {case.case.reason}" + (f" ({case.verdict.verdict})" if case.verdict else "")
        for case in whole.cases
    )
    begun = f"{whole.conversation.started_at:%Y-%m-%d %H:%M}  {whole.conversation.id:<22}"
    counted = f"{len(whole.messages):>3} messages  peak {peak:<4}  {cases or 'no case':<28}"
    return f"{begun}  {counted}  {on_one_line(first)}".rstrip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m handoff.history",
        description="Whole conversations as they are stored, oldest first: messages, scored turns, cases, owners.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json-lines", action="store_true", help="print each conversation as one line of JSON")
    parser.add_argument("--since", type=day, metavar="YYYY-MM-DD", help="only those begun on this day (UTC) or later")
    parser.add_argument("--until", type=day, metavar="YYYY-MM-DD", help="only those begun on this day (UTC) or earlier")
    parser.add_argument("--conversation", metavar="ID", help="only this one, whenever it began")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when the database cannot be read, 2 for wrong arguments or settings."""
    options = _parser().parse_args(arguments)

    def show(whole: WholeConversation) -> None:
        print(json.dumps(as_json(whole), ensure_ascii=False) if options.json_lines else as_row(whole))

    async def work(db: Database) -> int:
        if options.conversation is not None:
            return await _show_one(db, options.conversation, show)
        before = options.until + timedelta(days=1) if options.until else None
        async for whole in stored_conversations(db, since=options.since, before=before):
            show(whole)
        return 0

    return with_database("handoff.history", work, export="conversations")


async def _show_one(db: Database, conversation_id: str, show: Callable[[WholeConversation], None]) -> int:
    async with db.read() as connection:
        found = await wholes(connection, await conversations_named(connection, [conversation_id]))
    for whole in found:
        show(whole)
    if not found:
        print(
            f"handoff.history: there is no conversation {conversation_id!r}; without --conversation all are listed",
            file=sys.stderr,
        )
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())

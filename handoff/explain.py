"""``python -m handoff.explain CONVERSATION``: each customer message of a conversation, with what was decided about it.

For the operator at the machine, and for ``warmline escalation explain``: the customer's words come as they were
written, with whatever personal data is in them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.command import note_export
from handoff.domain.conversations import SenderType, Turn
from handoff.domain.errors import NotFound
from handoff.store import conversations as store
from handoff.store.cases import case_number, case_of
from handoff.store.database import Database
from handoff.store.migrate import upgrade
from handoff.store.schema import cases, turns
from warmline.settings import Settings, SettingsError

EPILOG: Final = """Prints one JSON object: `conversation_id`, `started_at`, `status`, `owner`, `cases` and `messages`.
Each message has `message_id`, `at`, `text` (null for a note of ours, such as the outcome of a case), `status` (what
became of it as a turn of the bot; null while a human owned the conversation) and `record` (what was understood and
decided; null where the bot never answered).

exit codes:
  0  all is well
  1  the database cannot be read
  2  a wrong argument or setting, or no such conversation
"""
NUMBER: Final = case_number(0).removesuffix("0")


async def explain(db: AsyncConnection, wanted: str) -> dict[str, Any]:
    """Return the conversation with this id, or of the case with this number. Raises ``NotFound``."""
    conversation = await store.get_conversation(db, await _conversation_id(db, wanted))
    opened = select(cases).where(cases.c.conversation_id == conversation.id).order_by(cases.c.opened_at, cases.c.number)
    found = (await db.execute(opened)).all()
    said = [m for m in await store.messages_after(db, conversation.id, 0) if m.sender is SenderType.CUSTOMER]
    asked = select(turns).where(turns.c.conversation_id == conversation.id).order_by(turns.c.created_at, turns.c.seq)
    of_bot = {row.message_id: store.turn_of(row) for row in (await db.execute(asked)).all()}
    written = {message.id for message in said}
    told = [
        *((m.created_at, m.seq, _message(m.id, m.text, m.created_at.isoformat(), of_bot.get(m.id))) for m in said),
        *(
            (turn.created_at, turn.seq, _message(turn.message_id, None, turn.created_at.isoformat(), turn))
            for turn in of_bot.values()
            if turn.message_id not in written
        ),
    ]
    return {
        "conversation_id": conversation.id,
        "started_at": conversation.started_at.isoformat(),
        "status": conversation.status,
        "owner": conversation.owner.type,
        "cases": [_case(row) for row in found],
        "messages": [message for _, _, message in sorted(told, key=lambda item: item[:2])],
    }


async def _conversation_id(db: AsyncConnection, wanted: str) -> str:
    number = wanted.upper().removeprefix(NUMBER)
    if not wanted.upper().startswith(NUMBER) or not (number.isascii() and number.isdigit()):
        return wanted
    found = (await db.execute(select(cases.c.conversation_id).where(cases.c.number == int(number)))).scalar()
    if found is None:
        raise NotFound(f"There is no case {wanted}.")
    return str(found)


def _message(message_id: str, text: str | None, at: str, turn: Turn | None) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "at": at,
        "text": text,
        "status": turn.status if turn else None,
        "record": turn.record.model_dump(mode="json") if turn and turn.record else None,
    }


def _case(row: Any) -> dict[str, Any]:
    case = case_of(row)
    return {
        "number": case.number,
        "opened_at": case.opened_at.isoformat(),
        # The key of a case that was opened without the bot is the message's id and a word after a colon.
        "message_id": row.idempotency_key.partition(":")[0],
        "status": case.status,
        "reason": case.reason,
        "category": case.category,
        "severity": case.severity,
        "level": case.level,
        "policy_version": case.context.policy_version,
    }


async def _read(settings: Settings, wanted: str) -> dict[str, Any]:
    await upgrade(settings.database_url)
    db = Database.connect(settings.database_url)
    try:
        async with db.read() as connection:
            found = await explain(connection, wanted)
        await note_export(db, "handoff.explain", "conversation", str(found["conversation_id"]))
        return found
    finally:
        await db.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when the database cannot be read, 2 for wrong arguments, settings, or nothing found."""
    parser = argparse.ArgumentParser(
        prog="python -m handoff.explain",
        description="A conversation message by message, with what was decided about each, in the customer's own words.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("conversation", metavar="CONVERSATION", help=f"its id, or the number of a case, {NUMBER}1001")
    options = parser.parse_args(arguments)
    try:
        found = asyncio.run(_read(Settings.load(), options.conversation))
    except (SettingsError, NotFound) as error:
        print(f"handoff.explain: {error}", file=sys.stderr)
        return 2
    except (SQLAlchemyError, OSError) as error:
        why = " ".join(str(error).split())
        print(f"handoff.explain: the database cannot be read ({why}); check WARMLINE_DATABASE_URL", file=sys.stderr)
        return 1
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

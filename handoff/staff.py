"""``python -m handoff.staff``: the people at the desk, for an operator at the machine.

Adding somebody who is there already changes everything that the command states, and their password. Nobody is deleted,
because cases keep the names of those who worked on them. ``deactivate`` ends all sessions and refuses the next sign-in.
Their open cases go back to their queues within half a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.command import at_the_machine
from handoff.contract import Category
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.people import Agent, Role
from handoff.services.context import unguessable_id
from handoff.services.sign_in import hash_password
from handoff.store import people
from handoff.store.audit import add_entry
from handoff.store.database import Database
from handoff.store.migrate import upgrade
from warmline.policy import EscalationPolicy, PolicyError, load_policy
from warmline.settings import Settings, SettingsError

SHORTEST_PASSWORD = 10
"""Characters; argon2 slows guessing down, length makes it hopeless."""
MOST_UNITS = 99
_LANGUAGE: Final = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class StaffError(Exception):
    """What was asked cannot be done; the message says why and what to do."""


async def add_agent(db: Database, agent: Agent, password: str) -> Agent:
    """Add an agent, or change the one with this e-mail. Raises ``StaffError`` for a password that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise StaffError(f"the password needs at least {SHORTEST_PASSWORD} characters")
    async with db.write() as connection:
        known = await people.agent_by_email(connection, agent.email)
        saved = agent if known is None else replace(agent, id=known.id)
        await people.save_agent(connection, saved, password_hash=hash_password(password))
        role = {"role": saved.role, "level": saved.level, "queues": sorted(saved.queues), "new": known is None}
        await _note(connection, Did.STAFF_SAVED, saved.id, **role)
        return saved


async def deactivate_agent(db: Database, email: str) -> None:
    """End an agent's sessions and refuse the next sign-in. Raises ``StaffError`` for an unknown e-mail."""
    async with db.write() as connection:
        known = await people.agent_by_email(connection, email)
        if known is None:
            raise StaffError(f"nobody has the e-mail {email}; `warmline staff list` shows everybody")
        await people.deactivate(connection, known.id)
        await _note(connection, Did.STAFF_DEACTIVATED, known.id)


async def _note(connection: AsyncConnection, did: Did, agent_id: str, **data: Any) -> None:
    actor = at_the_machine("warmline staff")
    await add_entry(connection, AuditEntry(datetime.now(UTC), actor, did, "agent", agent_id, data))


async def _run(options: argparse.Namespace, settings: Settings) -> int:
    await upgrade(settings.database_url)
    db = Database.connect(settings.database_url)
    try:
        if options.command == "add":
            agent = agent_of(options, load_policy(settings.policy_file))
            await add_agent(db, agent, _password())
            print(f"{options.name} can sign in at {settings.public_url}/desk as {options.email}.")
        elif options.command == "deactivate":
            await deactivate_agent(db, options.email)
            print(f"{options.email} can no longer sign in.")
        else:
            await _list(db, as_json=options.json)
    finally:
        await db.close()
    return 0


def agent_of(options: argparse.Namespace, policy: EscalationPolicy) -> Agent:
    """The member of staff whom the command describes. Raises ``StaffError`` for a skill that the policy has not."""
    known = policy.assignment.skills
    for skill in options.skill:
        if skill not in known:
            raise StaffError(
                f"there is no skill {skill!r} under assignment.skills in escalation.yml; "
                f"{'choose one of ' + ', '.join(known) if known else 'it names none yet'}"
            )
    return Agent(
        id=unguessable_id(),
        name=options.name,
        email=options.email,
        role=Role(options.role),
        level=options.level,
        queues=frozenset(Category(queue) for queue in options.queue),
        capacity=options.capacity,
        languages=tuple(dict.fromkeys(options.language)),
        skills=tuple(dict.fromkeys(options.skill)),
    )


def _language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        raise argparse.ArgumentTypeError(f"{tag!r} is no language tag; write en, de or pt-BR")
    return tag


def _units(given: str) -> int:
    if not (given.isascii() and given.isdigit() and int(given) <= MOST_UNITS):
        raise argparse.ArgumentTypeError(f"{given!r} is no number from 0 to {MOST_UNITS}")
    return int(given)


async def _list(db: Database, *, as_json: bool) -> None:
    async with db.read() as connection:
        found = await people.all_agents(connection)
    if as_json:
        rows = [
            {
                "email": a.email,
                "name": a.name,
                "role": a.role,
                "level": a.level,
                "queues": sorted(a.queues),
                "capacity": a.capacity,
                "languages": list(a.languages),
                "skills": list(a.skills),
                "active": on,
            }
            for a, on in found
        ]
        print(json.dumps(rows, indent=1))
        return
    for agent, active in found:
        queues = "all queues" if agent.sees_all else ", ".join(sorted(agent.queues)) or "no queues"
        state = "" if active else " (deactivated)"
        work = "  ".join(
            [f"{agent.capacity} units", *([" ".join(agent.languages)] if agent.languages else []), *agent.skills]
        )
        print(f"{agent.email:32} {agent.name:24} {agent.role:11} level {agent.level}  {queues}  {work}{state}")


def _password() -> str:
    """From the terminal without echo, or the first line of standard input where there is no terminal."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(prog="warmline staff", description="The people at the desk.")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="add somebody, or change them; asks for the password")
    add.add_argument("email")
    add.add_argument("name")
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.AGENT.value)
    add.add_argument("--level", type=int, choices=range(1, 5), default=1, help="1 first line to 4 manager")
    add.add_argument(
        "--queue", action="append", default=[], choices=[c.value for c in Category], help="may be repeated"
    )
    add.add_argument("--capacity", type=_units, default=6, help="units of work at once (6); 0: is offered nothing")
    add.add_argument("--language", action="append", default=[], type=_language, help="such as de; may be repeated")
    add.add_argument("--skill", action="append", default=[], help="one of escalation.yml; may be repeated")
    listed = commands.add_parser("list", help="show everybody")
    listed.add_argument("--json", action="store_true")
    commands.add_parser("deactivate", help="end all sessions and refuse the next sign-in").add_argument("email")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when it cannot be done, 2 for wrong arguments or settings."""
    options = parser().parse_args(arguments)
    try:
        return asyncio.run(_run(options, Settings.load()))
    except StaffError as error:
        print(f"warmline staff: {error}", file=sys.stderr)
        return 1
    except (SettingsError, PolicyError) as error:
        print(f"warmline staff: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

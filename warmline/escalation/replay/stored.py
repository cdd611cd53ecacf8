"""Conversations as ``python -m handoff.history --json-lines`` prints them, read one after the other."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from typing import IO, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from handoff.contract import Category, EarlierContact, HandoffReason, TurnRecord
from warmline.errors import CommandError, ExitCode
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, environment_python

VERSION: Final = 1
"""Of the lines that are understood."""
Verdict = Literal["needed", "not_needed", "should_have_come_earlier"]


class _Read(BaseModel):
    """Fields that are not used here are let pass, as handoff may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Message(_Read):
    """One message; ``payload`` is what the bot was given, ``answers_turn`` the message that this one answers."""

    id: str
    role: Literal["customer", "bot", "agent", "system"]
    text: str
    at: AwareDatetime
    payload: str | None = None
    turn_status: str | None = None
    record: TurnRecord | None = None
    answers_turn: str | None = None


class Case(_Read):
    """A case with the agent's verdict on it; ``handoff_message_id`` is the message at which it was handed over."""

    number: str
    opened_at: AwareDatetime
    handoff_message_id: str
    reason: HandoffReason
    category: Category
    severity: int
    level: int
    verdict: Verdict | None = None
    should_have_come_at: str | None = None


class OwnerChange(_Read):
    """Somebody else may speak from now on."""

    at: AwareDatetime
    owner_type: str


class Conversation(_Read):
    """One stored conversation, everything in the order in which it happened."""

    version: Literal[1]
    id: str
    started_at: AwareDatetime
    contacts: tuple[EarlierContact, ...] = ()
    messages: tuple[Message, ...] = ()
    cases: tuple[Case, ...] = ()
    owner_changes: tuple[OwnerChange, ...] = ()


def stored(since: date, until: date | None) -> Iterator[Conversation]:
    """Yield the conversations begun from ``since`` to ``until`` (whole days in UTC), oldest first.

    Raises:
        CommandError: handoff's database cannot be read.
    """
    command = [str(environment_python(APP_ENVIRONMENT)), "-m", "handoff.history", "--json-lines", "--since", str(since)]
    command += ["--until", str(until)] if until else []
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as complaints,
        subprocess.Popen(  # noqa: S603
            command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=complaints, text=True, encoding="utf-8"
        ) as running,
    ):
        yield from read(running.stdout or ())
        if running.wait() != ExitCode.OK:
            complaints.seek(0)
            said = (complaints.read().strip().splitlines() or ["it said nothing"])[-1]
            code = ExitCode.USAGE if running.returncode == ExitCode.USAGE else ExitCode.FAILED
            raise CommandError(f"the conversations cannot be read: {said}", "run `warmline setup`", code)


def read(lines: IO[str] | Sequence[str]) -> Iterator[Conversation]:
    """Yield the conversations of these lines.

    Raises:
        CommandError: a line is not of the form that is needed.
    """
    for number, line in enumerate(lines, 1):
        try:
            yield Conversation.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            raise CommandError(
                f"conversation {number} of handoff's answer is not understood: {where}: {first['msg']}", "make setup"
            ) from error

"""``python -m warmline.escalation.replay.worker``: a replay as a process of its own, for a service that must not wait.

The request comes as one JSON object on standard input; lines of JSON go out: ``{"done": 40}`` while it runs, at last
``{"result": {...}}`` or ``{"problem": "..."}``. The installation is the one that the environment says, as for every
command. What customers wrote is masked. It runs behind everything else (``nice``), and ends when nobody reads any more.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

from pydantic import BaseModel, ConfigDict

from warmline.errors import CommandError
from warmline.escalation.replay.command import GENERAL, replayed
from warmline.escalation.replay.staffing import staff_at_the_desk
from warmline.escalation.replay.stored import stored
from warmline.escalation.replay.summary import as_json, summarise
from warmline.policy import PolicyError
from warmline.policy.load import parse_policy

NICE: Final = 10
TOLD_EACH: Final = 10
"""Conversations after which it is told how far the replay is."""
MOST_CHANGED: Final = 500
"""Changed conversations that are told one by one, as on the page of the command; ``changes`` counts all of them."""
NAME: Final = Path("the policy to try")


class Request(BaseModel):
    """What to replay: the text of a policy, and days in UTC, both included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: str
    since: date
    until: date


def run(asked: Request, out: IO[str]) -> dict[str, Any]:
    """Replay, telling ``out`` how far it is; returns what came of it.

    Raises:
        PolicyError: the policy cannot be used.
        CommandError: the conversations or the staff cannot be read.
    """
    policy = parse_policy(NAME, asked.policy.encode("utf-8"))
    staffing = staff_at_the_desk(policy)
    found = replayed(
        stored(asked.since, asked.until), policy, done=lambda number: _tell(out, {"done": number}), each=TOLD_EACH
    )
    summary = summarise(found, policy.version, staffing.zone or policy.hours_of(GENERAL).zone, staffing)
    shown = replace(summary, changed=summary.changed[:MOST_CHANGED])
    return {**as_json(shown), "changes": len(summary.changed)}


def main(into: IO[str] = sys.stdin, out: IO[str] = sys.stdout) -> int:
    """Returns the exit code: 1 for a problem, which is told as a line like the rest."""
    os.nice(NICE)
    try:
        _tell(out, {"result": run(Request.model_validate_json(into.read()), out)})
    except (PolicyError, CommandError) as error:
        _tell(out, {"problem": str(error)})
        return 1
    return 0


def _tell(out: IO[str], line: dict[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), file=out, flush=True)


if __name__ == "__main__":
    sys.exit(main())

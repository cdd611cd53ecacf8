"""``warmline score``: what production would say of each customer turn of recorded conversations."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast, get_args

from warmline.csv_files import Row, ensure_writable, read_rows, write_rows
from warmline.errors import CommandError, ExitCode
from warmline.progress import Progress
from warmline.settings import Settings

if TYPE_CHECKING:
    from warmline.escalation.offline import OfflineScorer, Role, ScoredLine

READ: Final = ("conversation", "turn", "role", "text")
CONVERSATION, ROLE, TEXT = 0, 2, 3
WRITTEN: Final = (*READ, "frustration", "abuse", "decision", "reasons")
BETWEEN_REASONS: Final = " | "
TOLD_EVERY: Final = 100
"""Customer turns, or so, after which it is told how far the scoring is."""


@dataclass(frozen=True)
class Report:
    """What was scored. ``offers`` and ``handoffs`` count conversations in which it came to that."""

    conversations: int
    customer_turns: int
    offers: int
    handoffs: int
    scored_by: str
    policy: str
    milliseconds_per_turn: float | None


def score(source: Path, output: Path, *, policy: Path | None, settings: Settings, progress: Progress) -> Report:
    """Score the conversations of ``source`` turn by turn and write the rows with their scores to ``output``.

    Args:
        source: CSV with the columns ``conversation,turn,role,text``; a conversation's rows stand in order, together or
            among those of others.
        output: CSV to write, the same rows with ``frustration,abuse,decision,reasons``, filled in on customer turns.
        policy: another policy than the one in force.
        settings: where the models and the policy are.
        progress: tells how far it is.

    Raises:
        CommandError: a file, its content or the policy is not fit for this, or no assistant is trained.
    """
    from warmline.escalation.offline import Line, OfflineScorer

    if output.resolve() == source.resolve():
        raise CommandError(f"{output} would be overwritten", "name another file to write", ExitCode.USAGE)
    rows = read_rows(source, READ)
    roles = [role_of(source, row) for row in rows]
    conversations = conversations_of(rows)
    ensure_writable(output)
    with progress.step("loading the assistant's models"):
        scorer = OfflineScorer.load(settings, policy)
    begun = time.perf_counter()
    results: list[list[ScoredLine | None]] = []
    found: dict[int, ScoredLine | None] = {}
    with progress.step(f"scoring {counted(len(conversations), 'conversation')}") as tell:
        for places in conversations.values():
            before = len(found) // TOLD_EVERY
            scored = scorer.score([Line(roles[place], rows[place].fields[TEXT]) for place in places])
            results.append(scored)
            found |= zip(places, scored, strict=True)
            if len(found) // TOLD_EVERY > before:
                tell(f"{len(found):,} of {len(rows):,} rows")
    seconds = time.perf_counter() - begun
    write_rows(output, WRITTEN, (_written(row, found[place]) for place, row in enumerate(rows)))
    return _report(results, scorer, seconds)


def conversations_of(rows: Sequence[Row]) -> dict[str, list[int]]:
    """For each conversation the places of its rows, in the file's order; those of others may stand in between."""
    found: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        found.setdefault(row.fields[CONVERSATION], []).append(place)
    return found


def role_of(source: Path, row: Row) -> Role:
    """Who speaks in the row, whatever the capitals.

    Raises:
        CommandError: the role is unknown, or the row names no conversation.
    """
    from warmline.escalation.offline import Role as AnyRole

    if not row.fields[CONVERSATION].strip():
        raise CommandError(f"{source}, line {row.line}: it names no conversation", "give it one", ExitCode.USAGE)
    known = get_args(AnyRole)
    role = row.fields[ROLE].strip().lower()
    if role not in known:
        what = f"{source}, line {row.line}: the role {row.fields[ROLE]!r} is unknown"
        raise CommandError(what, f"use {', '.join(known)}", ExitCode.USAGE)
    return cast("Role", role)


def counted(count: int, noun: str) -> str:
    """``1 conversation``, ``2,000 conversations``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _written(row: Row, found: ScoredLine | None) -> tuple[str, ...]:
    if found is None:
        return (*row.fields, "", "", "", "")
    reasons = BETWEEN_REASONS.join(found.reasons)
    return (*row.fields, f"{found.frustration:.4f}", f"{found.abuse:.4f}", found.decision, reasons)


def _report(results: Sequence[Sequence[ScoredLine | None]], scorer: OfflineScorer, seconds: float) -> Report:
    turns = sum(1 for scored in results for found in scored if found)

    def reaching(decision: str) -> int:
        return sum(any(found and found.decision == decision for found in scored) for scored in results)

    return Report(
        conversations=len(results),
        customer_turns=turns,
        offers=reaching("offer"),
        handoffs=reaching("now"),
        scored_by=scorer.scored_by,
        policy=scorer.policy_version,
        milliseconds_per_turn=round(1000 * seconds / turns, 2) if turns else None,
    )

"""``warmline score``: what production would say of each customer turn of recorded conversations."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast, get_args

from warmline.csv_files import read_columns, write_rows
from warmline.errors import CommandError, ExitCode
from warmline.progress import Progress
from warmline.settings import Settings

if TYPE_CHECKING:
    from warmline.escalation.offline import Line, OfflineScorer, ScoredLine

READ: Final = ("conversation", "turn", "role", "text")
WRITTEN: Final = (*READ, "frustration", "abuse", "decision", "reasons")
BETWEEN_REASONS: Final = " | "
TOLD_EVERY: Final = 50


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
        source: CSV with the columns ``conversation,turn,role,text``; a conversation's rows stand together, in order.
        output: CSV to write, the same rows with ``frustration,abuse,decision,reasons``, filled in on customer turns.
        policy: another policy than the one in force.
        settings: where the models and the policy are.
        progress: tells how far it is.

    Raises:
        CommandError: a file, its content or the policy is not fit for this, or no assistant is trained.
    """
    from warmline.escalation.offline import OfflineScorer

    if output.resolve() == source.resolve():
        raise CommandError(f"{output} would be overwritten", "name another file to write", ExitCode.USAGE)
    rows = read_columns(source, READ)
    conversations = conversations_of(source, rows)
    with progress.step("loading the assistant's models"):
        scorer = OfflineScorer.load(settings, policy)
    begun = time.perf_counter()
    written: list[tuple[str, ...]] = []
    results: list[list[ScoredLine | None]] = []
    with progress.step(f"scoring {len(conversations):,} conversations") as tell:
        for number, some in enumerate(conversations):
            scored = scorer.score([_line(row) for row in some])
            results.append(scored)
            written += [_written(row, found) for row, found in zip(some, scored, strict=True)]
            if number % TOLD_EVERY == TOLD_EVERY - 1:
                tell(f"{number + 1:,} of {len(conversations):,}")
    seconds = time.perf_counter() - begun
    write_rows(output, WRITTEN, written)
    return _report(results, scorer, seconds)


def conversations_of(source: Path, rows: Sequence[tuple[str, ...]]) -> list[list[tuple[str, ...]]]:
    """The rows by conversation, in the file's order.

    Raises:
        CommandError: a role is unknown, or a conversation stands in two places of the file.
    """
    from warmline.escalation.offline import Role

    for number, (_, _, role, _) in enumerate(rows, start=1):
        if role not in get_args(Role):
            raise CommandError(
                f"{source}, row {number}: the role {role!r} is unknown",
                f"use {', '.join(get_args(Role))}",
                ExitCode.USAGE,
            )
    found = [list(some) for _, some in groupby(rows, key=lambda row: row[0])]
    names = [some[0][0] for some in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise CommandError(
            f"{source}: the rows of conversation {twice!r} do not stand together",
            "sort the file by conversation, each in the order in which it was said",
            ExitCode.USAGE,
        )
    return found


def _line(row: tuple[str, ...]) -> Line:
    from warmline.escalation.offline import Line, Role

    return Line(cast(Role, row[2]), row[3])


def _written(row: tuple[str, ...], found: ScoredLine | None) -> tuple[str, ...]:
    if found is None:
        return (*row, "", "", "", "")
    reasons = BETWEEN_REASONS.join(found.reasons)
    return (*row, f"{found.frustration:.4f}", f"{found.abuse:.4f}", found.decision, reasons)


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

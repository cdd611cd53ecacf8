"""The replay as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.markup import escape
from rich.table import Table

from warmline.escalation.replay.report import FIRST_DIFFERENCE, VERDICTS
from warmline.escalation.replay.summary import Changed, Figure, Hour, Summary

MOST_CHANGED: Final = 25
"""Changed conversations on the terminal; the report and ``--json`` have all."""


def tables(summary: Summary) -> Iterator[Table | str]:
    """Yield the tables and what is to be said beside them, in the order in which they are shown."""
    yield _heading(summary)
    yield _totals(summary)
    if any(hour.handoffs.as_decided or hour.handoffs.other for hour in summary.hours):
        yield _hours(summary)
    if summary.changed:
        yield _changed(summary.changed)
    if len(summary.changed) > MOST_CHANGED:
        yield f"... and {len(summary.changed) - MOST_CHANGED} more: --report FILE.html or --json gives all."
    yield FIRST_DIFFERENCE
    if summary.incomplete:
        yield (
            f"{summary.incomplete:,} conversations (marked ≈) have turns that were recorded without all that the "
            "scoring sees: replayed as far as they can be, a difference there may come from what is missing."
        )


def _heading(summary: Summary) -> str:
    if summary.first is None:
        return "There is no conversation in this time."
    under = " and ".join(summary.decided_under) or "no policy"
    return (
        f"{summary.conversations:,} conversations, {summary.turns:,} turns, {summary.first} to {summary.last} "
        f"({summary.days} days, {summary.zone}); decided under {under}"
    )


def _totals(summary: Summary) -> Table:
    table = _table("What would be different", "", "As decided", f"Policy {summary.policy}", "Not known")
    for name, figure in (
        ("handed over", summary.handoffs),
        ("offered a person", summary.offers),
        (f"handed over for nothing, of {summary.judged:,} judged", summary.false),
        ("too late or not at all, of the same", summary.missed),
    ):
        table.add_row(name, *_numbers(figure))
    table.add_row("conversations that change", "", f"{len(summary.changed):,}", "")
    return table


def _numbers(figure: Figure) -> tuple[str, str, str]:
    return f"{figure.as_decided:,}", f"{figure.other:,}", f"+{figure.not_known:,}" if figure.not_known else ""


def _hours(summary: Summary) -> Table:
    can = f"Can be taken ({summary.staffing})" if summary.staffing else "Can be taken (nobody known: --staffing FILE)"
    title = "Handoffs an hour on an average day"
    table = _table(title, "Hour", "As decided", f"Policy {summary.policy}", "Not known", can)
    for hour in summary.hours:
        if hour.handoffs.as_decided or hour.handoffs.other or hour.capacity:
            figure = hour.handoffs
            table.add_row(
                f"{hour.hour}:00",
                _in_colour(hour, figure.as_decided),
                _in_colour(hour, figure.other),
                f"+{figure.not_known:.2f}" if figure.not_known else "",
                f"{hour.capacity:.1f}" if hour.capacity is not None else "-",
            )
    return table


def _in_colour(hour: Hour, handoffs: float) -> str:
    return f"[red]{handoffs:.2f} !![/red]" if hour.exceeds(handoffs) else f"{handoffs:.2f}"


def _changed(changed: Sequence[Changed]) -> Table:
    table = _table(
        "Conversations that change", "Conversation", "Turn", "The customer said", "From, to", "Why", "Verdict"
    )
    table.show_lines = True
    for one in changed[:MOST_CHANGED]:
        change = one.change
        table.add_row(
            escape(f"{'' if one.exact else '≈ '}{one.conversation}\n{change.at:%Y-%m-%d %H:%M}"),
            str(change.turn),
            escape(_plain(change.text)),
            escape(f"{change.was}\n-> {change.is_now}"),
            escape(_plain("\n".join(change.why))),
            "\n".join(f"{VERDICTS[v.verdict]}: {v.other.value.replace('_', ' ')}" for v in one.verdicts),
        )
    return table


def _plain(text: str) -> str:
    """Return the text with nothing in it that a terminal would obey."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)


def _table(title: str, *heads: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", expand=False)
    for head in heads:
        table.add_column(escape(head), overflow="fold")
    return table

"""``python -m handoff.kpis``: the KPIs in the terminal, as JSON, as CSV, or as a page to share (P30, P31, P33)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Final

from rich.console import Console

from handoff.command import with_database
from handoff.contract import Category
from handoff.domain.kpis.observations import day_of
from handoff.domain.kpis.periods import Period, Step, last_days
from handoff.domain.kpis.report import Report
from handoff.http.kpis import report_view
from handoff.kpi_report.csv import report_csv
from handoff.kpi_report.page import report_page
from handoff.kpi_report.terminal import print_report
from handoff.services.context import Context, unguessable_id
from handoff.services.kpi_rollup import roll_up_all
from handoff.services.kpis import kind_labels, report
from handoff.store.database import Database
from handoff.store.kpis.days import By, Chosen
from handoff.wording import WordingError, load_wording
from warmline.policy import PolicyError, load_policy
from warmline.settings import Settings

USUAL_DAYS: Final = 30
HEADINGS: Final = {By.CATEGORY: "By queue", By.LEVEL: "By level", By.AGENT: "By agent"}
EPILOG = """what each figure counts: docs/kpis.md
exit codes:
  0  all is well
  1  the database cannot be read, or a file cannot be written
  2  a wrong argument or setting
"""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-03-31") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="warmline kpis",
        description="Escalations, response times, SLA, satisfaction and the other KPIs of a period.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--from", dest="first", type=_day, metavar="DAY", help="the first day (2026-03-01)")
    parser.add_argument("--to", dest="last", type=_day, metavar="DAY", help="the last day (default: today)")
    parser.add_argument("--days", type=int, metavar="N", help=f"the last N days instead (default: {USUAL_DAYS})")
    parser.add_argument("--step", type=Step, choices=list(Step), default=Step.DAY, help="parts of the trend")
    parser.add_argument("--category", type=Category, choices=list(Category), help="only this queue")
    parser.add_argument("--level", type=int, help="only cases of this level")
    parser.add_argument("--agent", metavar="ID", help="only this member of staff")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print JSON, as GET /kpis answers")
    output.add_argument("--csv", action="store_true", help="print CSV")
    output.add_argument("--html", type=Path, metavar="FILE", help="write one page with charts, to share or to print")
    parser.add_argument("--rebuild", action="store_true", help="add up every day again first")
    return parser


def _period(parser: argparse.ArgumentParser, options: argparse.Namespace, today: date) -> Period:
    if options.days is not None and options.first is not None:
        parser.error("give --days or --from, not both")
    last = options.last or today
    try:
        return (
            Period(options.first, last)
            if options.first
            else last_days(last, USUAL_DAYS if options.days is None else options.days)
        )
    except (ValueError, OverflowError) as error:
        parser.error(str(error))


def utc_now() -> datetime:
    """The clock of the command."""
    return datetime.now(UTC)


def _context(settings: Settings, db: Database) -> Context:
    """What the use cases need for reading."""
    return Context(
        db=db,
        policy=load_policy(settings.policy_file),
        wording=load_wording(settings.data_dir / "wording"),
        publish=lambda _events: None,
        clock=utc_now,
        new_id=unguessable_id,
        random=Random(),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when the database cannot be read, 2 for wrong arguments or settings."""
    parser = _parser()
    options = parser.parse_args(arguments)
    _period(parser, options, utc_now().date())  # what is wrong with it is said before anything is read
    chosen = Chosen(options.category, options.level, options.agent)

    async def work(db: Database) -> int:
        try:
            context = _context(Settings.load(), db)
        except (PolicyError, WordingError) as error:
            print(f"warmline kpis: {error}", file=sys.stderr)
            return 2
        period = _period(parser, options, day_of(utc_now(), context.policy.kpi_zone))
        await roll_up_all(context, rebuild=options.rebuild)
        if options.json or options.csv:
            found = await report(context, period, chosen=chosen, step=options.step)
            print(
                json.dumps(report_view(found, None, kind_labels(context)), ensure_ascii=False, indent=1)
                if options.json
                else report_csv(found),
                end="\n" if options.json else "",
            )
            return 0
        by_place = {
            HEADINGS[by]: await report(context, period, chosen=chosen, step=options.step, by=by) for by in HEADINGS
        }
        whole = await report(context, period, chosen=chosen, step=options.step)
        return _show(whole, by_place, context, options)

    return with_database("warmline kpis", work)


def _show(whole: Report, by_place: dict[str, Report], context: Context, options: argparse.Namespace) -> int:
    labels = kind_labels(context)
    if options.html is None:
        print_report(whole, by_place, labels, out=Console())
        return 0
    narrowed = [str(value) for value in (options.category, options.level, options.agent) if value is not None]
    of = f"only {', '.join(narrowed)}" if narrowed else "all queues"
    page = report_page(whole, by_place, labels, of=of, made=utc_now())
    try:
        options.html.write_text(page, encoding="utf-8")
    except OSError as error:
        print(f"warmline kpis: {options.html} cannot be written: {error.strerror}; name another file", file=sys.stderr)
        return 1
    print(f"written to {options.html.resolve()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

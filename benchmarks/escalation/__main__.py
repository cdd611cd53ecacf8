"""``python -m benchmarks.escalation``: measures when a person takes over, beside what is to be reached."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.escalation.dialogues import DialogueError
from benchmarks.escalation.listing import write_listing
from benchmarks.escalation.report import Report
from benchmarks.escalation.run import measure, sections
from benchmarks.escalation.scoring import Scorer
from benchmarks.escalation.tables import print_report
from benchmarks.understanding.sets import PUBLIC_DATA
from models.encoder.encode import EncoderNotPreparedError
from warmline.errors import CommandError
from warmline.policy import PolicyError, load_policy
from warmline.progress import Progress
from warmline.settings import Settings, SettingsError

WIDTH: Final = 170
"""Characters of the tables; cut figures would be of no use."""


def main(arguments: Sequence[str] | None = None, scorer_for: Callable[[Settings], Scorer] | None = None) -> int:
    """Measure and print. Returns 0 when it was measured, targets met or not; 1 when it could not be.

    Args:
        arguments: the command line without the program's name.
        scorer_for: makes the scorer under test from the settings; None for the one of production.
    """
    options = _parser().parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    report = Report()
    try:
        settings = Settings.load()
        scorer = (scorer_for or _production)(settings)
        threshold = load_policy(settings.data_dir / "escalation.yml").signals.frustration.acknowledge
        _measure(options, scorer, threshold, report, Progress(console))
    except CommandError as error:
        console.print(f"{error.what}\n{error.mend}", style="red", markup=False)
        return 1
    except (DialogueError, EncoderNotPreparedError, PolicyError, SettingsError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("stopped", style="red")
        return 130
    print_report(report, Console(highlight=False, width=WIDTH))
    if options.json:
        options.json.write_text(json.dumps(report.as_json(), indent=1) + "\n", encoding="utf-8")
    if options.list:
        count = write_listing(options.list, report.development)
        console.print(f"{count} dialogues of the development part are listed in {options.list}", markup=False)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.escalation", description=__doc__)
    parser.add_argument("--data", type=Path, default=PUBLIC_DATA, help="the public sets (default: ../shared/data)")
    parser.add_argument("--only", metavar="WORDS", default="", help="only parts whose name holds these words")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures into FILE as well")
    parser.add_argument(
        "--list", type=Path, metavar="FILE", help="write the development dialogues that went wrong into FILE"
    )
    return parser


def _measure(options: argparse.Namespace, scorer: Scorer, threshold: float, report: Report, progress: Progress) -> None:
    wanted = [one for one in sections(options.data, scorer, threshold) if options.only.lower() in one.name.lower()]
    if not wanted:
        names = "; ".join(section.name for section in sections(options.data, scorer, threshold))
        raise CommandError(f"no part's name holds {options.only!r}", f"give --only words of one of these: {names}")
    for section in wanted:
        measure(section, report, progress)
    report.notes += scorer.notes()


def _production(settings: Settings) -> Scorer:
    # Imported here, because onnxruntime and the models take seconds and --help needs none of them.
    from benchmarks.escalation.production import Production

    return Production(settings)


if __name__ == "__main__":
    sys.exit(main())

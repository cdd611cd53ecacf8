"""``warmline content train | evaluate | promote | rollback``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.markup import escape

from warmline import training
from warmline.content.evaluation import Changed, Evaluation, evaluate
from warmline.content.output import out, print_json
from warmline.content.release import Promoted, WorseError, candidate_of_now, promote, rollback, train_candidate
from warmline.content.report import render_report
from warmline.content.sources import Sources
from warmline.errors import ExitCode
from warmline.progress import Progress
from warmline.settings import Settings

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
SHOWN = 10


def add_commands(add: Add) -> None:
    """Adds these commands."""
    training_ = add("train", _train, "Train the content as it stands, without making it live.")
    training_.add_argument("--force", action="store_true", help="train even if nothing has changed")
    evaluating = add("evaluate", _evaluate, "Measure the trained model beside the live one; writes a report.")
    evaluating.add_argument("--report", type=Path, help="the HTML page (default: evaluation.html in the state folder)")
    evaluating.add_argument("--quick", action="store_true", help="leave the cross-validation out")
    promoting = add("promote", _promote, "Make the trained model live, unless it does worse on the test questions.")
    promoting.add_argument("--force", action="store_true", help="make it live without asking the test questions")
    add("rollback", _rollback, "Bring back the model that was live before this one.")


def _train(options: argparse.Namespace) -> int:
    settings, progress = Settings.load(), Progress(quiet=options.json)
    with progress.step("training the content", training.USUAL_SECONDS) as tell:
        made = train_candidate(settings, tell, force=options.force)
    if options.json:
        print_json({"ok": True, **asdict(made), "model": str(made.model)})
        return ExitCode.OK
    if made.is_live:
        out.print(f"{made.model.name} is live already; nothing has changed since")
    else:
        said = "trained" if made.trained else "nothing has changed since it was trained"
        out.print(f"{made.model.name}: {said}. Next: `warmline content evaluate`, then `warmline content promote`")
    return ExitCode.OK


def _evaluate(options: argparse.Namespace) -> int:
    settings, progress = Settings.load(), Progress(quiet=options.json)
    report: Path = options.report or settings.var_dir / "evaluation.html"
    candidate, live = candidate_of_now(settings), training.live_model(settings)
    with progress.step("evaluating", 5 if options.quick else 20) as tell:
        found = evaluate(candidate, live, Sources.of(settings), tell, cross_validation=not options.quick)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(render_report(found, datetime.now(UTC)), encoding="utf-8")
    if options.json:
        print_json({"ok": True, "report": str(report.resolve()), **found.as_json()})
    else:
        _say(found)
        out.print(f"the whole report: {report.resolve().as_uri()}")
    return ExitCode.OK


def _promote(options: argparse.Namespace) -> int:
    settings, progress = Settings.load(), Progress(quiet=options.json)
    try:
        with progress.step("making the model live", 5) as tell:
            done = promote(settings, Sources.of(settings), tell, force=options.force)
    except WorseError as error:
        if options.json:
            changes = {name: [asdict(item) for item in getattr(error.evaluation, name)] for name in ("worse", "better")}
            print_json({"ok": False, "error": error.what, "mend": error.mend, **changes})
            return ExitCode.FAILED
        print_changes("got worse", error.worse, len(error.worse))
        raise
    return _told(done, as_json=options.json)


def _rollback(options: argparse.Namespace) -> int:
    settings, progress = Settings.load(), Progress(quiet=options.json)
    with progress.step("bringing the last model back", 2) as tell:
        done = rollback(settings, tell)
    return _told(done, as_json=options.json)


def _told(done: Promoted, *, as_json: bool) -> int:
    if as_json:
        found = done.evaluation.as_json() if done.evaluation else None
        told = {"model": done.model, "before": done.before, "swapped": done.swapped, "seconds": round(done.seconds, 3)}
        print_json({"ok": True, **told, "evaluation": found})
        return ExitCode.OK
    if done.model == done.before:
        out.print(f"{done.model} is live already")
    else:
        how = "the running bot answers with it now" if done.swapped else "the bot begins with it when it starts"
        out.print(f"{done.model}: {how} ({done.seconds:.1f} s). `warmline content rollback` takes it back")
    return ExitCode.OK


def _say(found: Evaluation) -> None:
    was = f" (live: {found.live.accuracy:.1%})" if found.live else ""
    out.print(f"[bold]{found.candidate.accuracy:.1%}[/bold] of {found.candidate.questions} test questions right{was}")
    if found.candidate.unknown_refused is not None and found.candidate.known_right is not None:
        out.print(
            f"in scope {found.candidate.known_right:.1%} right, out of scope "
            f"{found.candidate.unknown_refused:.1%} refused"
        )
    for other in found.others:
        before = f" (live: {other.live:.1%})" if other.live is not None else ""
        out.print(f"{other.name}: {other.candidate:.1%} of {other.questions}{before}")
    if found.cross_validation is not None:
        out.print(f"cross-validation: {found.cross_validation.accuracy:.1%} of the examples")
    print_changes("got worse", found.worse)
    print_changes("got better", found.better)
    for item in found.candidate.confusions[:SHOWN]:
        out.print(f"  {item.count} x {item.expected} taken for {item.taken_for}: {escape(item.sentences[0])}")


def print_changes(title: str, changes: Sequence[Changed], most: int = SHOWN) -> None:
    """The questions that changed, the first of them."""
    if changes:
        out.print(f"[bold]{len(changes)} {title}[/bold]")
    for item in changes[:most]:
        said = f"{escape(item.text)}  [dim]meant {item.expected}; before {item.live}, now {item.candidate}[/dim]"
        out.print(f"  {said}")

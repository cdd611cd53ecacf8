"""The ``warmline`` command: ``python -m warmline COMMAND``."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warmline import classify, doctor, frustration, score, testing, training, up
from warmline.errors import CommandError, ExitCode
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, environment_python
from warmline.progress import Progress
from warmline.services import rasa_command, rasa_environment
from warmline.settings import Settings, SettingsError

if TYPE_CHECKING:
    from models.frustration.heads import Relearnt
    from models.frustration.train import Trained

CONTENT = "Check, change, train, evaluate and publish what the assistant understands and says."
DEMO = "Bring the running demo to life: two months of history, customers and agents who talk; `demo wipe` removes it."
ESCALATION = "Check, show and explain when a conversation goes to a person, and why."
OF_HANDOFF = {
    "kpis": "Escalations, response times, SLA, satisfaction: tables, CSV, a page with charts.",
    "staff": "Add, list and deactivate the people at the desk.",
    "keys": "Make, list and revoke the keys of other systems.",
    "audit": "Show who did and who saw what.",
    "webhooks": "Say which other systems are told of what happens.",
    "outbox": "Show what could not be delivered outside, and send it again.",
    "review": "What recurs among closed cases, what could have gone otherwise.",
}
EPILOG = """exit codes:
  0  all is well
  1  a step failed, or doctor found something broken
  2  a wrong argument or setting
  3  Warmline is already running
  130  ended by Ctrl-C before it was done
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["rasa"]:
        return _rasa(given[1:])
    if given and given[0] in OF_HANDOFF:
        return _of_handoff(given[0], given[1:])
    options = _parser(wanted=given[0] if given else None).parse_args(given)
    os.chdir(PROJECT_ROOT)
    as_json = bool(getattr(options, "json", False))
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except CommandError as error:
        return _fail(error.what, error.mend, error.code, as_json=as_json)
    except SettingsError as error:
        return _fail(str(error), "set it right (docs/settings.md)", ExitCode.USAGE, as_json=as_json)
    except OSError as error:
        return _fail(_say(error), _mend(error), ExitCode.FAILED, as_json=as_json)
    except KeyboardInterrupt:
        return _fail("stopped", "the next run goes on where this one was", ExitCode.INTERRUPTED, as_json=as_json)


def _parser(*, wanted: str | None) -> argparse.ArgumentParser:
    """The commands; those of ``content`` and ``escalation`` only where ``wanted``, because they load more libraries."""
    parser = argparse.ArgumentParser(
        prog="warmline",
        description="Sets Warmline up, runs it and looks after it. Begin with `up`; `doctor` says what is wrong.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    with_json = [
        add("setup", _setup, "Make what is missing: secrets, encoder, trained assistant, databases."),
        add("train", _train, "Train the assistant if its data have changed; a running bot answers with it at once."),
        add("doctor", _doctor, "Check every part; name what is wrong, why, and the command that mends it."),
        add("classify", _classify, "Train the understanding that ships on a CSV file, and understand another with it."),
        add(
            "score", _score, "Score recorded conversations turn by turn: frustration, abuse, and whether to hand over."
        ),
        add("train-frustration", _train_frustration, "Make the model that reads frustration and needs again."),
    ]
    for command in with_json:
        command.add_argument("--json", action="store_true", help="print the result as JSON on standard output")
    with_json[1].add_argument("--force", action="store_true", help="train even if nothing has changed")
    _add_classify_options(with_json[3])
    _add_score_options(with_json[4])
    _add_frustration_options(with_json[5])
    add("up", _up, "Set up, then start, watch and restart the three processes until Ctrl-C.")
    tests = add("test", _test, "Lint, types, dependency rules and tests in both environments.")
    tests.add_argument("only", nargs="*", choices=[*testing.GROUPS, []], help="only these groups (default: all)")
    if wanted == "content":
        from warmline.content.cli import add_content_commands

        add_content_commands(commands)
    else:
        commands.add_parser("content", help=CONTENT, add_help=False)
    if wanted == "demo":
        from warmline.demo.command import add_demo_command

        add_demo_command(commands)
    else:
        commands.add_parser("demo", help=DEMO, add_help=False)
    if wanted == "escalation":
        from warmline.escalation.cli import add_escalation_commands

        add_escalation_commands(commands)
    else:
        commands.add_parser("escalation", help=ESCALATION, add_help=False)
    for name, text in OF_HANDOFF.items():
        commands.add_parser(name, help=text, add_help=False)
    commands.add_parser(
        "rasa", help="Run any Rasa command on this project, telemetry off: `warmline rasa shell`.", add_help=False
    )
    return parser


def _path(text: str) -> Path:
    return Path(text).absolute()  # before the command moves to the project's folder


def _add_frustration_options(command: argparse.ArgumentParser) -> None:
    command.epilog = "Without GoEmotions and convabuse it learns from the project's own turns alone."
    command.add_argument("--goemotions", type=_path, metavar="DIR", help="folder with GoEmotions' train.csv")
    command.add_argument("--convabuse", type=_path, metavar="DIR", help="folder with convabuse's train.csv")
    command.add_argument(
        "--with-feedback", type=_path, metavar="FILE", help="agents' verdicts: python -m handoff.labels --json > FILE"
    )
    command.add_argument(
        "--heads-only",
        action="store_true",
        help="learn the last part alone again, in minutes: added turns and agents' verdicts",
    )
    command.add_argument(
        "--twice", action="store_true", help="go on to learn the held-out turns too, as is done anyway on a GPU"
    )
    command.add_argument(
        "--out",
        type=_path,
        default=PROJECT_ROOT / "models" / "frustration" / "model",
        metavar="DIR",
        help="folder for the model (default: in the place of the one in service)",
    )


def _add_classify_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--train", type=_path, required=True, metavar="TRAIN.csv", help="columns: text,intent")
    command.add_argument("--input", type=_path, required=True, metavar="IN.csv", help="column: text")
    command.add_argument("--output", type=_path, required=True, metavar="OUT.csv", help=",".join(classify.COLUMNS))
    command.add_argument("--report", type=_path, metavar="R.json", help="what was learnt, and how long it took")
    command.add_argument(
        "--out-of-scope-label",
        action="append",
        metavar="INTENT",
        help="an intent that means out of scope; may be given again (default: nlu_fallback, out_of_scope, oos)",
    )


def _classify(options: argparse.Namespace) -> int:
    progress = Progress(quiet=options.json)
    report = classify.classify(
        options.train,
        options.input,
        options.output,
        report=options.report,
        unknown_labels=options.out_of_scope_label,
        progress=progress,
    )
    if options.json:
        _print_json({"ok": True, "output": str(options.output), **report.as_json()})
        return ExitCode.OK
    if report.contradictory_texts:
        progress.warn(f"{report.contradictory_texts} texts stand under more than one intent; they teach little")
    if report.empty_rows:
        progress.warn(f"{report.empty_rows} rows without a text or an intent were left out")
    progress.line(
        f"{report.accepted:,} of {report.messages:,} messages accepted; learnt in {report.training_seconds:.1f} s, "
        f"{report.milliseconds_per_message or 0:.1f} ms a message; written to {options.output}"
    )
    return ExitCode.OK


def _add_score_options(command: argparse.ArgumentParser) -> None:
    def path(text: str) -> Path:
        return Path(text).absolute()  # before the command moves to the project's folder

    command.add_argument("--input", type=path, required=True, metavar="TURNS.csv", help=",".join(score.READ))
    command.add_argument("--output", type=path, required=True, metavar="SCORES.csv", help=",".join(score.WRITTEN))
    command.add_argument(
        "--policy", type=path, metavar="OTHER.yml", help="decide by this policy (default: the one in force)"
    )


def _score(options: argparse.Namespace) -> int:
    progress = Progress(quiet=options.json)
    report = score.score(
        options.input, options.output, policy=options.policy, settings=Settings.load(), progress=progress
    )
    if options.json:
        _print_json({"ok": True, "output": str(options.output), **asdict(report)})
        return ExitCode.OK
    if report.scored_by != "model":
        progress.warn("the frustration model could not be loaded: VADER alone scored (`warmline doctor` says why)")
    progress.line(
        f"{score.counted(report.customer_turns, 'customer turn')} in "
        f"{score.counted(report.conversations, 'conversation')}: {report.handoffs:,} handed over, "
        f"{report.offers:,} offered a person; {report.milliseconds_per_turn or 0:.1f} ms a turn; "
        f"written to {options.output}"
    )
    return ExitCode.OK


def _train_frustration(options: argparse.Namespace) -> int:
    progress = Progress(quiet=options.json)
    done, compared = _heads_learnt(options, progress) if options.heads_only else _network_learnt(options, progress)
    if options.json:
        _print_json({"ok": True, "out": str(options.out), **asdict(done), "compared": [asdict(c) for c in compared]})
    else:
        frustration.tell(done, compared, options.out, progress)
    return ExitCode.OK


def _network_learnt(
    options: argparse.Namespace, progress: Progress
) -> tuple[Trained | Relearnt, tuple[frustration.Compared, ...]]:
    return frustration.train_frustration(
        data_dir=Settings.load().data_dir,
        goemotions=options.goemotions,
        convabuse=options.convabuse,
        feedback=options.with_feedback,
        out=options.out,
        twice=options.twice,
        progress=progress,
    )


def _heads_learnt(
    options: argparse.Namespace, progress: Progress
) -> tuple[Trained | Relearnt, tuple[frustration.Compared, ...]]:
    if options.goemotions or options.convabuse or options.twice:
        raise CommandError(
            "--heads-only learns from the project's own turns and --with-feedback alone",
            "leave out --goemotions, --convabuse and --twice, or --heads-only",
            ExitCode.USAGE,
        )
    return frustration.relearn_heads(
        data_dir=Settings.load().data_dir, feedback=options.with_feedback, out=options.out, progress=progress
    )


def _setup(options: argparse.Namespace) -> int:
    os.umask(0o077)  # what customers write is nobody else's to read
    done = up.run_setup(Settings.load(), Progress(quiet=options.json))
    if options.json:
        _print_json({"ok": True, "done": done})
    elif not done:
        Progress().line("Everything is set up; there was nothing to do.")
    return ExitCode.OK


def _up(_: argparse.Namespace) -> int:
    up.run_up(Settings.load(), Progress())
    return ExitCode.OK


def _train(options: argparse.Namespace) -> int:
    settings, progress = Settings.load(), Progress(quiet=options.json)
    with progress.step("training the assistant", training.USUAL_SECONDS) as tell:
        result = training.train(settings, tell, force=options.force)
    if options.json:
        _print_json({"ok": True, **asdict(result), "model": str(result.model)})
    else:
        said = "trained" if result.trained else "nothing has changed since it was trained"
        bot = "; the running bot answers with it now" if result.swapped else ""
        progress.line(f"{result.model.name}: {said}{bot}")
    return ExitCode.OK


def _doctor(options: argparse.Namespace) -> int:
    findings = doctor.examine(Settings.load())
    if options.json:
        _print_json({"ok": doctor.is_well(findings), "findings": [finding.as_json() for finding in findings]})
    else:
        doctor.print_findings(findings)
    return ExitCode.OK if doctor.is_well(findings) else ExitCode.FAILED


def _test(options: argparse.Namespace) -> int:
    return testing.run(tuple(options.only) or tuple(testing.GROUPS))


def _of_handoff(name: str, arguments: list[str]) -> int:
    """Hands over to handoff, in whose database it stands."""
    command = [str(environment_python(APP_ENVIRONMENT)), "-m", f"handoff.{name}", *arguments]
    return subprocess.run(command, cwd=PROJECT_ROOT, check=False).returncode  # noqa: S603


def _rasa(arguments: list[str]) -> int:
    try:
        done = subprocess.run(  # noqa: S603
            rasa_command(*_with_endpoints(arguments)), cwd=PROJECT_ROOT, env=rasa_environment(), check=False
        )
    except FileNotFoundError:
        return _fail("Rasa's environment is missing", "run `make setup`", ExitCode.FAILED, as_json=False)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return done.returncode


def _with_endpoints(arguments: list[str]) -> list[str]:
    """What talks to the action server does so with this installation's ports and secret, unless told otherwise."""
    if arguments[:1] not in (["shell"], ["run"], ["interactive"]) or "--endpoints" in arguments:
        return arguments
    try:
        rendered = Settings.load().endpoints_file
    except SettingsError:
        return arguments
    return [*arguments, "--endpoints", str(rendered)] if rendered.exists() else arguments


def _fail(what: str, mend: str, code: ExitCode, *, as_json: bool) -> int:
    if as_json:
        _print_json({"ok": False, "error": what, "mend": mend})
    print(f"warmline: {what}\n  mend: {mend}", file=sys.stderr)
    if "`warmline " in mend and shutil.which("warmline") is None:
        print("  (`warmline` is .venv/app/bin/warmline)", file=sys.stderr)
    return code


def _say(error: OSError) -> str:
    return f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")


def _mend(error: OSError) -> str:
    import errno

    if error.errno == errno.ENOSPC:
        return "the disk is full: free some space, then run the command again"
    return "check that path and its rights, then run the command again; `warmline doctor` checks every part"


def _print_json(content: dict[str, Any]) -> None:
    print(json.dumps(content, indent=2))

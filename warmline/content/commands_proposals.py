"""``warmline content proposals``: what solved cases propose, taken into the content or left out."""

from __future__ import annotations

import argparse
import re
import subprocess
from collections.abc import Callable, Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from rich.markup import escape

from warmline.content.commands_edit import apply
from warmline.content.corpus import FAQ_PREFIX
from warmline.content.editing import Change, add_examples, new_faq
from warmline.content.output import out, print_json
from warmline.content.personal_data import mask
from warmline.content.places import is_there
from warmline.content.unanswered import marked
from warmline.errors import CommandError, ExitCode
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, environment_python
from warmline.settings import Settings

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
ACTIONS: Final = ("list", "show", "accept", "ignore")
PLACEHOLDER: Final = re.compile(r"<[a-z][a-z ]*>")
"""What masking leaves where no invented value is known: no customer should read it."""


class Effect(BaseModel):
    """How an accepted proposal did since."""

    model_config = ConfigDict(frozen=True)

    asked: int
    helpful: int
    unhelpful: int
    handed_over: int
    questions: tuple[str, ...]


class Proposal(BaseModel):
    """One line of ``python -m handoff.proposals --json``."""

    model_config = ConfigDict(frozen=True)

    id: str
    case_number: str
    kind: str
    status: str
    label: str | None
    understood_as: str | None
    examples: tuple[str, ...]
    answer: str
    created_at: str
    decided_at: str | None
    effect: Effect


def add_commands(add: Add) -> None:
    """Adds the command."""
    command = add("proposals", _proposals, "What solved cases propose: list it, take it over, leave it out.")
    command.add_argument("action", nargs="?", choices=ACTIONS, default="list", help="what to do (default: list)")
    command.add_argument("ids", nargs="*", metavar="ID", help="a proposal's id, or its beginning, as the list shows it")
    command.add_argument(
        "--status", choices=("open", "accepted", "ignored", "all"), default="open", help="which ones to list"
    )
    command.add_argument("--as", dest="label", help="accept: an intent, an FAQ, or the key of a new FAQ")
    command.add_argument("--answer", help="accept: the answer of a new FAQ, instead of the proposed one")
    command.add_argument("--only", type=int, nargs="+", metavar="N", help="accept: only these examples, from 1")
    command.add_argument("--example", nargs="+", default=[], metavar="TEXT", help="accept: further ways of asking")


def _proposals(options: argparse.Namespace) -> int:
    if options.action == "list":
        return _list(options)
    if not options.ids:
        raise CommandError("which proposal?", "give its id, as `warmline content proposals` shows it", ExitCode.USAGE)
    found = ask_handoff("--status", "all" if options.action == "show" else "open")
    chosen = list({one.id: one for one in (_choose(found, wanted) for wanted in options.ids)}.values())
    return {"show": _show, "accept": _accept, "ignore": _ignore}[options.action](options, chosen)


def ask_handoff(*arguments: str) -> list[Proposal]:
    """The proposals that handoff's database holds. Raises :class:`CommandError` when they cannot be read."""
    try:
        return TypeAdapter(list[Proposal]).validate_json(_handoff("--json", *arguments))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise CommandError(
            f"the proposals are not of the form that is needed: {first['msg']}", "run `warmline setup` again"
        ) from error


def _handoff(*arguments: str) -> str:
    command = [str(environment_python(APP_ENVIRONMENT)), "-m", "handoff.proposals", *arguments]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1].removeprefix("handoff.proposals: ")
        raise CommandError(f"handoff refused: {said}", "`warmline content proposals` shows how things stand")
    return done.stdout


def _choose(found: list[Proposal], wanted: str) -> Proposal:
    fitting = [one for one in found if one.id.startswith(wanted)]
    if len(fitting) != 1:
        what = f"there is no proposal {wanted} to decide" if not fitting else f"{wanted} begins {len(fitting)} ids"
        raise CommandError(what, "`warmline content proposals` lists them with their ids", ExitCode.USAGE)
    return fitting[0]


def _as_json(proposal: Proposal) -> dict[str, object]:
    content = proposal.model_dump(mode="json")
    content["effect"]["questions"] = [mask(text) for text in proposal.effect.questions]
    return content


def _list(options: argparse.Namespace) -> int:
    found = ask_handoff("--status", options.status)
    if options.json:
        print_json({"ok": True, "proposals": [_as_json(one) for one in found]})
        return ExitCode.OK
    for one in found:
        first = one.examples[0] if one.examples else ""
        told = f"{one.case_number}, {one.kind}, {one.status}" + (f", {one.label}" if one.label else "")
        out.print(f"[bold]{one.id[:8]}[/bold]  [dim]{escape(told)}[/dim]  {escape(first)}")
        if one.status == "accepted":
            out.print(f"          [dim]{_effect(one.effect)}[/dim]")
    if found:
        out.print(f"{len(found)} proposals. `warmline content proposals show ID`, `accept ID --as LABEL`, `ignore ID`")
    else:
        out.print("Nothing is proposed.")
    return ExitCode.OK


def _effect(effect: Effect) -> str:
    return (
        f"since then asked {effect.asked} times: {effect.helpful} helpful, {effect.unhelpful} not helpful, "
        f"{effect.handed_over} handed over"
    )


def _show(options: argparse.Namespace, chosen: Sequence[Proposal]) -> int:
    if options.json:
        print_json({"ok": True, "proposals": [_as_json(one) for one in chosen]})
        return ExitCode.OK
    for proposal in chosen:
        told = f"{proposal.kind}, {proposal.status}, from case {proposal.case_number}"
        out.print(f"[bold]{escape(proposal.id)}[/bold]  {told}")
        out.print(f"  understood as: {escape(proposal.understood_as or 'nothing that the assistant knows')}")
        if proposal.label:
            out.print(f"  belongs to: {escape(proposal.label)}")
        for number, text in enumerate(proposal.examples, 1):
            out.print(f"  {number}. {escape(text)}")
        if proposal.answer:
            out.print(f"  answer: {escape(proposal.answer)}")
        if proposal.status == "accepted":
            out.print(f"  {_effect(proposal.effect)}")
            for text in proposal.effect.questions:
                out.print(f"    - {escape(mask(text))}")
    return ExitCode.OK


def _accept(options: argparse.Namespace, chosen: Sequence[Proposal]) -> int:
    settings = Settings.load()
    label = options.label or next((one.label for one in chosen if one.label), None)
    if not label:
        mend = "give it with --as: one of `warmline content list`, or faq/<category>_<words> for a new FAQ"
        raise CommandError("under which intent or FAQ?", mend, ExitCode.USAGE)
    change = change_of(chosen, label, options, settings)
    code = apply([change], settings, "train it with `warmline content train`", as_json=options.json)
    try:
        for one in chosen:
            _handoff("--accepted", one.id, "--as", label)
    except CommandError:
        change.take_back()
        raise
    return code


def change_of(chosen: Sequence[Proposal], label: str, options: argparse.Namespace, settings: Settings) -> Change:
    """What accepting proposals does to the content; nothing is written. Raises :class:`CommandError`."""
    texts = [text for one in chosen for text in one.examples]
    if options.only:
        if not all(1 <= number <= len(texts) for number in options.only):
            mend = f"`warmline content proposals show {chosen[0].id[:8]}` shows their numbers"
            raise CommandError(f"the proposal has {len(texts)} examples", mend, ExitCode.USAGE)
        texts = [texts[number - 1] for number in options.only]
    texts = marked([*texts, *options.example], label)
    if is_there(settings.data_dir, label):
        if options.answer:
            mend = f"`warmline content edit {label} --answer ...` changes its answer"
            raise CommandError(f"{label} is there already", mend, ExitCode.USAGE)
        return add_examples(settings.data_dir, label, texts)
    if not label.startswith(FAQ_PREFIX):
        mend = "name one of `warmline content list`, or faq/<category>_<words> for a new FAQ"
        raise CommandError(f"there is no intent {label}", mend, ExitCode.USAGE)
    answer = options.answer or next((one.answer for one in chosen if one.answer), "")
    if not answer.strip():
        raise CommandError("a new FAQ needs an answer", "give it with --answer", ExitCode.USAGE)
    if left := PLACEHOLDER.search(answer):
        mend = "it was written for one customer: write an answer for all of them with --answer"
        raise CommandError(f"the proposed answer holds {left.group()}, which was masked", mend, ExitCode.USAGE)
    return new_faq(settings.data_dir, label, texts, answer)


def _ignore(options: argparse.Namespace, chosen: Sequence[Proposal]) -> int:
    for one in chosen:
        _handoff("--ignored", one.id)
    if options.json:
        print_json({"ok": True, "ignored": [one.id for one in chosen]})
    else:
        out.print(f"{', '.join(one.id[:8] for one in chosen)}: left out")
    return ExitCode.OK

"""``warmline doctor``: every part is examined; each finding says what is wrong, why it matters, what mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from rich.console import Console
from rich.markup import escape

from warmline.settings import Settings


class Health(StrEnum):
    """How a part is."""

    WELL = "well"
    NOTE = "note"
    """Worth knowing; nothing is broken."""
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """What was found about one part. ``why`` and ``mend`` are empty when it is well."""

    part: str
    health: Health
    what: str
    why: str = ""
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return {name: str(value) for name, value in asdict(self).items()}


Check = Callable[[Settings], Iterable[Finding]]
MARKS: Final = {
    Health.WELL: "[green]ok[/green]",
    Health.NOTE: "[yellow]--[/yellow]",
    Health.BROKEN: "[red]!![/red]",
}


def well(part: str, what: str) -> Finding:
    """A part that is as it should be."""
    return Finding(part, Health.WELL, what)


def note(part: str, what: str, why: str, mend: str) -> Finding:
    """Something worth knowing."""
    return Finding(part, Health.NOTE, what, why, mend)


def broken(part: str, what: str, why: str, mend: str) -> Finding:
    """Something that keeps Warmline, or a part of it, from working."""
    return Finding(part, Health.BROKEN, what, why, mend)


def examine(settings: Settings, checks: tuple[Check, ...] | None = None) -> tuple[Finding, ...]:
    """Runs every check; one that fails itself is a finding too, so that the others are still heard."""
    from warmline.doctor_checks import CHECKS

    findings: list[Finding] = []
    for check in CHECKS if checks is None else checks:
        try:
            findings += check(settings)
        except Exception as error:  # a doctor that dies of what it finds is no use
            part = check.__name__.strip("_").replace("_", " ")
            findings.append(
                broken(part, f"the check itself failed: {error!r}", "the part could not be examined", "make setup")
            )
    return tuple(findings)


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing is broken."""
    return all(finding.health is not Health.BROKEN for finding in findings)


def print_findings(findings: tuple[Finding, ...], console: Console | None = None) -> None:
    """One line a finding; under what is not well, why and the mend."""
    out = console or Console(highlight=False)
    width = max((len(finding.part) for finding in findings), default=0)
    for finding in findings:
        out.print(f"  {MARKS[finding.health]}  {escape(finding.part):<{width}}  {escape(finding.what)}", soft_wrap=True)
        if finding.health is not Health.WELL:
            out.print(f"      {'':<{width}}  why:  {escape(finding.why)}", soft_wrap=True)
            out.print(f"      {'':<{width}}  mend: {escape(finding.mend)}", soft_wrap=True)
    bad = sum(finding.health is Health.BROKEN for finding in findings)
    out.print("Everything is well." if not bad else f"{bad} of {len(findings)} parts need mending.", style="bold")

"""``warmline escalation check``: what is wrong with the policy, and what a schema cannot see in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from warmline.content.findings import Finding, Severity, in_order
from warmline.escalation.order import check_order
from warmline.escalation.phrases import check_phrases
from warmline.escalation.topics import check_topics
from warmline.policy.load import PolicyError, lines_of, parse_policy, read_policy

MEND = "docs/escalation-policy.md explains every key"


@dataclass(frozen=True)
class Checked:
    """The findings, and the version of the file; None where it cannot be used at all."""

    findings: tuple[Finding, ...]
    version: str | None

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def check(file: Path, labels: Collection[str]) -> Checked:
    """Look at everything; ``labels`` are the intents and FAQ keys of the project's data."""
    try:
        content = read_policy(file)
        policy = parse_policy(file, content)
    except PolicyError as error:
        wrong = [Finding(file, found.line, f"{found.where}: {found.what}", MEND) for found in error.problems]
        return Checked(in_order(wrong), None)
    line_of = lines_of(file, content)
    doubts = [*check_order(policy), *check_phrases(policy), *check_topics(policy, labels)]
    found = [
        Finding(file, line_of(doubt.where), f"{doubt.part}: {doubt.what}", doubt.mend, doubt.severity, doubt.kind)
        for doubt in doubts
    ]
    return Checked(in_order(found), policy.version)

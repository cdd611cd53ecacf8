"""Whether the topics of the policy are those that the assistant understands."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase

from warmline.content.findings import Severity
from warmline.escalation.doubts import Doubt
from warmline.policy import EscalationPolicy


def check_topics(policy: EscalationPolicy, labels: Collection[str]) -> Iterator[Doubt]:
    """Yield topics that fit none of ``labels`` (intents and FAQ keys), and labels that no category takes."""
    for key, category in policy.categories.items():
        yield from _unknown(("categories", key, "topics"), category.topics, labels)
    for name, rule in policy.authority.items():
        yield from _unknown(("authority", name, "topics"), rule.topics, labels)
    for place, written in enumerate(policy.conditional_rules):
        yield from _unknown(("conditional_rules", place, "when", "topic"), written.when.topic, labels)
    yield from _unknown(("small_talk",), policy.small_talk, labels)
    taken = [pattern for category in policy.categories.values() for pattern in category.topics]
    for position, pattern in enumerate(policy.small_talk):
        if policy.is_known(pattern):
            yield Doubt(
                ("small_talk", position),
                f"{pattern} is a topic of category {policy.category_of(pattern)} too",
                "remove it here or there",
                "topic",
            )
    for label in sorted(labels):
        if not _fits(label, taken) and not _fits(label, policy.small_talk):
            yield Doubt(
                ("categories",),
                f"no category takes {label}: its cases go to General, and it never counts as a request",
                "add it to the topics of a category, or to small_talk",
                "topic",
            )


def _unknown(where: tuple[str | int, ...], patterns: Sequence[str], labels: Collection[str]) -> Iterator[Doubt]:
    for position, pattern in enumerate(patterns):
        if not any(fnmatchcase(label, pattern) for label in labels):
            near = difflib.get_close_matches(pattern, labels, n=1)
            yield Doubt(
                (*where, position),
                f"{pattern!r} fits no intent and no FAQ",
                f"did you mean {near[0]}?" if near else "`warmline content list` names them all; correct or remove it",
                "topic",
                Severity.ERROR,
            )


def _fits(label: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(label, pattern) for pattern in patterns)

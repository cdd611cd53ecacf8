"""Numbers that contradict each other: thresholds, weights, promises, levels, and the bound of the queue's order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

from warmline.content.findings import Severity
from warmline.escalation.doubts import Doubt
from warmline.escalation.spans import span
from warmline.policy import EscalationPolicy
from warmline.policy.signals import CountSignal

STEPS: Final = 5
"""A case of severity 1 may go to level 4 at once, one of severity 4 to level 1: level and severity add up to this."""
MILD: Final = ("repeated_fallback", "low_confidence", "repetition", "repeat_in_words")


def check_order(policy: EscalationPolicy) -> Iterator[Doubt]:
    """Yield every number that stands out of order to another."""
    yield from _thresholds(policy)
    yield from _counts(policy)
    yield from _together(policy)
    yield from _targets(policy)
    yield from _clocks(policy)
    yield from _levels(policy)
    yield from _rules(policy)
    yield from _queue(policy)


def _thresholds(policy: EscalationPolicy) -> Iterator[Doubt]:
    signals = policy.signals
    hot = signals.frustration
    if policy.forgiveness.calm_below > hot.acknowledge:
        yield _order(
            ("forgiveness", "calm_below"),
            f"a turn of {hot.acknowledge} is acknowledged as frustrated and, below {policy.forgiveness.calm_below}, "
            "counts as calm too",
            f"lower it to signals.frustration.acknowledge ({hot.acknowledge}) or below",
        )
    if hot.offer_at_once < hot.offer:
        yield _order(
            ("signals", "frustration", "offer_at_once"),
            f"one turn of {hot.offer_at_once} brings an offer before the running average can reach {hot.offer}",
            f"raise it to offer ({hot.offer}) or above",
        )
    believed, unsure = signals.explicit_request.min_confidence, signals.low_confidence.min_confidence
    if believed < unsure:
        yield _order(
            ("signals", "explicit_request", "min_confidence"),
            f"the wish for a person is believed from {believed} on, while any other answer below {unsure} is unsure",
            f"raise it to signals.low_confidence.min_confidence ({unsure}) or above",
        )
    if policy.cooldown.after_decline_turns < policy.cooldown.after_offer_turns:
        yield _order(
            ("cooldown", "after_decline_turns"),
            "an offer that was declined is repeated sooner than one that was left unanswered",
            f"raise it to after_offer_turns ({policy.cooldown.after_offer_turns}) or above",
        )


def _counts(policy: EscalationPolicy) -> Iterator[Doubt]:
    """What is the worse sign must not need more of it."""
    signals = policy.signals
    failed = signals.repeated_fallback
    for name, what in (
        ("low_confidence", "unsure answers"),
        ("repetition", "repeated requests"),
    ):
        rule: CountSignal = getattr(signals, name)
        for step in ("offer", "now"):
            mine, theirs = getattr(rule, step), getattr(failed, step)
            if mine < theirs:
                yield _order(
                    ("signals", name, step),
                    f"{mine} {what} weigh as much as {theirs} turns that failed altogether",
                    f"raise it to signals.repeated_fallback.{step} ({theirs}) or above",
                )
    if signals.repeat_in_words.now < signals.repeat_contact.contacts:
        yield _order(
            ("signals", "repeat_in_words", "now"),
            f"{signals.repeat_in_words.now} contacts that a customer claims hand over, while "
            f"{signals.repeat_contact.contacts} that really were are needed",
            f"raise it to signals.repeat_contact.contacts ({signals.repeat_contact.contacts}) or above",
        )


def _together(policy: EscalationPolicy) -> Iterator[Doubt]:
    """``combined`` is for several mild signals: neither out of reach nor reached by one alone."""
    signals, needed = policy.signals, policy.combined.offer
    weights = {name: getattr(signals, name).weight for name in MILD} | {"frustration": signals.frustration.weight}
    if needed > sum(weights.values()):
        yield _order(
            ("combined", "offer"),
            f"all mild signals together weigh {sum(weights.values()):g}, so {needed:g} is never reached",
            "lower it, or raise the weights of the signals",
        )
    for name in MILD:
        rule: CountSignal = getattr(signals, name)
        reached = rule.weight * (rule.offer - 1) / rule.now
        if reached >= needed:
            yield _order(
                ("signals", name, "weight"),
                f"{name} alone brings an offer by its weight after {rule.offer - 1}, before its own threshold "
                f"({rule.offer})",
                f"lower it, or raise combined.offer above {reached:g}",
            )


def _targets(policy: EscalationPolicy) -> Iterator[Doubt]:
    for key, category in policy.categories.items():
        for worse, milder in pairwise(sorted(category.targets)):
            for promise in ("first_response", "next_update", "resolution"):
                soon, late = getattr(category.targets[worse], promise), getattr(category.targets[milder], promise)
                if soon > late:
                    yield _order(
                        ("categories", key, "targets", worse, promise),
                        f"severity {worse} is promised {span(soon)}, the milder severity {milder} already {span(late)}",
                        f"lower it to {span(late)} or below",
                    )
        for severity, promises in category.targets.items():
            if promises.next_update > promises.resolution:
                yield _order(
                    ("categories", key, "targets", severity, "next_update"),
                    f"the next word ({span(promises.next_update)}) comes after the solution "
                    f"({span(promises.resolution)})",
                    "lower it to resolution or below",
                )


def _clocks(policy: EscalationPolicy) -> Iterator[Doubt]:
    sla = policy.sla
    for worse, milder in pairwise(sorted(sla.stalled_after)):
        if sla.stalled_after[worse] > sla.stalled_after[milder]:
            yield _order(
                ("sla", "stalled_after", worse),
                f"severity {worse} is stalled after {span(sla.stalled_after[worse])}, the milder severity {milder} "
                f"already after {span(sla.stalled_after[milder])}",
                f"lower it to {span(sla.stalled_after[milder])} or below",
            )
    for tier in policy.vip.tiers:
        if sla.share(tier) > 1:
            yield _order(
                ("sla", "share_by_tier", tier),
                f"the high-value tier {tier} waits {sla.share(tier):g} times as long as others",
                "lower it to 1 or below",
            )
    for name in type(sla.near).model_fields:
        shortest = min(
            getattr(policy.targets(key, severity, tier), name)
            for key in policy.categories
            for severity in policy.severities
            for tier in (None, *sla.share_by_tier)
        )
        if sla.near.span(name, shortest) >= shortest:
            yield _order(
                ("sla", "near", name),
                f"where the target is {span(shortest)}, nobody is told that {span(sla.near.span(name, shortest))} "
                "are left",
                "write a share of the target, such as 0.25",
            )


def _levels(policy: EscalationPolicy) -> Iterator[Doubt]:
    for name, risk in policy.risks.items():
        if risk.level + risk.severity > STEPS:
            title = policy.levels[risk.level].name
            yield Doubt(
                ("risks", name, "level"),
                f"a case of severity {risk.severity} ({policy.severities[risk.severity].name}) goes to level "
                f"{risk.level} ({title}) at once",
                f"lower the level to {STEPS - risk.severity}, or make the risk more severe",
                "level",
            )


def _rules(policy: EscalationPolicy) -> Iterator[Doubt]:
    for place, rule in enumerate(policy.conditional_rules):
        then = rule.then
        if then.level + then.severity > STEPS:
            yield Doubt(
                ("conditional_rules", place, "then", "level"),
                f"a case of rule {rule.name}, severity {then.severity} ({policy.severities[then.severity].name}), goes "
                f"to level {then.level} ({policy.levels[then.level].name}) at once",
                f"lower the level to {STEPS - then.severity}, or make the case more severe",
                "level",
            )
        if then.action == "now" and rule.when.given <= {"category", "topic", "turns_from", "minutes_from"}:
            yield Doubt(
                ("conditional_rules", place, "when"),
                f"rule {rule.name} hands over by {', '.join(sorted(rule.when.given))} alone, however well it goes",
                "offer a person instead, or add phrases, frustration_from, contacts_from, amount_from or a tier",
                "rule",
            )


def _queue(policy: EscalationPolicy) -> Iterator[Doubt]:
    longest, bound = policy.priority.longest_overtaking(), policy.priority.overtaken_at_most
    if longest > bound:
        minutes = -(-longest // timedelta(minutes=1))
        yield Doubt(
            ("priority", "overtaken_at_most"),
            f"with these points a case may be overtaken by one that comes {minutes} minutes later, not {span(bound)}",
            "raise per_minute, lower the points, or state the longer time",
            "queue",
            Severity.ERROR,
        )
    points = policy.priority.severity
    for worse, milder in pairwise(sorted(points)):
        if points[worse] < points[milder]:
            yield _order(
                ("priority", "severity"),
                f"severity {milder} gets more points ({points[milder]:g}) than the worse severity {worse} "
                f"({points[worse]:g})",
                "give the worse severity the more points",
            )


def _order(where: tuple[object, ...], what: str, mend: str) -> Doubt:
    return Doubt(where, what, mend, "order")

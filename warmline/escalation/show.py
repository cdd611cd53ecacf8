"""``warmline escalation show``: the policy as tables that people read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.markup import escape
from rich.table import Table

from warmline.escalation.matrix import next_level, pounds, rows
from warmline.escalation.spans import span
from warmline.policy import EscalationPolicy
from warmline.policy.hours import CLOSED, DAYS, Hours


def tables(policy: EscalationPolicy, only: str | None = None) -> Iterator[Table]:
    """Yield the tables in the order in which they are shown; ``only`` one category's where one is named."""
    yield _matrix(policy, only)
    yield _levels(policy)
    yield _signals(policy)
    yield _risks(policy, only)
    if policy.conditional_rules:
        yield _rules(policy, only)
    yield _authority(policy)
    yield _hours(policy, only)
    yield _clocks(policy)
    yield _rest(policy)


def _matrix(policy: EscalationPolicy, only: str | None) -> Table:
    heads = ("Team", "Severity", "Level", "First reply", "Next update", "Solution", "Because of", "Next level")
    table = _table("Escalation matrix", *heads)
    shown = None
    for row in rows(policy, only):
        first = row.category != shown
        if first and shown is not None:
            table.add_section()
        shown = row.category
        because = [f"{trigger.what}{_from(trigger.level)}" for trigger in row.because]
        table.add_row(
            escape(f"{row.team}\n({row.category})") if first else "",
            escape(f"{row.severity} {row.name}"),
            row.levels,
            span(row.targets.first_response),
            span(row.targets.next_update),
            span(row.targets.resolution),
            escape(", ".join(because)) or "-",
            escape("\n".join(next_level(policy, row.category))) if first else "",
        )
    return table


def _levels(policy: EscalationPolicy) -> Table:
    table = _table("Levels", "Level", "Who", "What they do")
    for level, entry in sorted(policy.levels.items()):
        table.add_row(str(level), escape(entry.name), escape(entry.does))
    return table


def _signals(policy: EscalationPolicy) -> Table:
    signals = policy.signals
    hot, asked, repeat = signals.frustration, signals.explicit_request, signals.repeat_contact
    table = _table("Signals", "Signal", "A person is offered", "Handed over", "Weight", "Severity")
    table.add_row(
        "frustration",
        f"heat {hot.offer:g} once acknowledged (from {hot.acknowledge:g}); {hot.offer_at_once:g} in one turn",
        f"heat {hot.now:g} after an offer",
        f"{hot.weight:g}",
        str(hot.severity),
    )
    table.add_row("explicit_request", "-", f"at once, believed from {asked.min_confidence:g}", "-", str(asked.severity))
    for name, unit in (
        ("repeated_fallback", "failed turns in a row"),
        ("low_confidence", f"turns in a row below {signals.low_confidence.min_confidence:g}"),
        ("repetition", "repetitions"),
        ("repeat_in_words", "contacts by the customer's count"),
    ):
        rule = getattr(signals, name)
        table.add_row(name, f"{rule.offer} {unit}", f"{rule.now}", f"{rule.weight:g}", str(rule.severity))
    contacts = f"{repeat.contacts} contacts about the same in {repeat.window_days} days"
    table.add_row("repeat_contact", "-", contacts, "-", str(repeat.severity))
    table.add_row("risk", "-", "at once", f"{signals.risk.weight:g}", "by risk")
    sums = signals.authority
    table.add_row("authority", "-", "at once", f"{sums.weight:g}", str(sums.severity))
    table.add_row("vip", "where others are acknowledged", "-", f"{signals.vip.weight:g}", "one step up")
    return table


def _risks(policy: EscalationPolicy, only: str | None) -> Table:
    table = _table("Risks, handed over at once", "Risk", "Severity", "Level", "Team", "Phrases")
    for name, risk in policy.risks.items():
        if only in (None, risk.category) or risk.category is None:
            team = policy.categories[risk.category].label if risk.category else "by topic"
            count = str(len(risk.phrases) + len(risk.unless_asked) + len(risk.if_meant))
            table.add_row(escape(f"{risk.label} ({name})"), str(risk.severity), str(risk.level), escape(team), count)
    return table


def _rules(policy: EscalationPolicy, only: str | None) -> Table:
    table = _table("Rules", "Rule", "When all of this is so", "Then", "Severity", "Level", "Team")
    for rule in policy.conditional_rules:
        team = rule.then.category
        if only is not None and team not in (None, only):
            continue
        when = "\n".join(f"{name}: {_shown(getattr(rule.when, name))}" for name in type(rule.when).model_fields
                         if name in rule.when.given)  # fmt: skip
        then = "hand over" if rule.then.action == "now" else "offer a person"
        queue = policy.categories[team].label if team else "by topic"
        severity, level = str(rule.then.severity), str(rule.then.level)
        table.add_row(escape(f"{rule.label}\n({rule.name})"), escape(when), then, severity, level, escape(queue))
    return table


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}" if value else ""


def _hours(policy: EscalationPolicy, only: str | None) -> Table:
    table = _table("Business hours", "Team", "Time zone", "Hours", "Holidays")
    shown: list[tuple[Hours, list[str]]] = []
    for key, category in policy.categories.items():
        if only in (None, key):
            hours = policy.hours_of(key)
            same = next((teams for other, teams in shown if other == hours), None)
            if same is None:
                shown.append((hours, [category.label]))
            else:
                same.append(category.label)
    for hours, teams in shown:
        holidays = "\n".join(f"{holiday} {name}" for holiday, name in hours.holidays.items())
        week = "\n".join(_week(hours))
        table.add_row(escape("\n".join(teams)), escape(str(hours.zone)), week, escape(holidays) or "-")
    return table


def _week(hours: Hours) -> Iterator[str]:
    """Yield the days with the same hours together."""
    for shifts, days in groupby(range(len(DAYS)), key=lambda day: hours.week[day]):
        first, *more = days
        name = f"{DAYS[first]}-{DAYS[more[-1]]}" if more else DAYS[first]
        yield f"{name}: {', '.join(map(str, shifts)) or CLOSED}"


def _authority(policy: EscalationPolicy) -> Table:
    levels = sorted(policy.levels)
    table = _table("Authority for each case, up to", "What", "Assistant", *(f"Level {level}" for level in levels))
    for name, rule in policy.authority.items():
        limits = (pounds(rule.by_level[level]) if level in rule.by_level else "-" for level in levels)
        table.add_row(name.replace("_", " "), pounds(rule.bot_limit), *limits)
    return table


def _clocks(policy: EscalationPolicy) -> Table:
    sla = policy.sla
    silent = sla.customer_silent
    table = _table("Clocks", "What", "How")
    shares = ", ".join(f"{tier} {sla.share(tier):g}" for tier in policy.priority.tier)
    always = ", ".join(f"severity {severity}" for severity in sla.around_the_clock)
    near = ((name.replace("_", " "), getattr(sla.near, name)) for name in type(sla.near).model_fields)
    for what, how in (
        ("share of each target by tier", shares),
        ("day and night", always or "none: in business hours"),
        ("near", ", ".join(f"{name} {value:.0%}" if isinstance(value, float) else f"{name} {span(value)}"
                           for name, value in near) + " left"),
        ("no word of the agent", ", ".join(f"severity {severity} {span(after)}"
                                           for severity, after in sorted(sla.stalled_after.items()))),
        ("a silent customer", f"reminded after {span(silent.remind_after)}, closed after {span(silent.close_after)}"),
    ):  # fmt: skip
        table.add_row(what, escape(how))
    return table


def _rest(policy: EscalationPolicy) -> Table:
    cooldown, priority, vip = policy.cooldown, policy.priority, policy.vip
    points = [f"severity {severity} {value:g}" for severity, value in sorted(priority.severity.items())]
    points += [f"{tier} {value:g}" for tier, value in priority.tier.items()]
    points += [f"frustration x {priority.frustration:g}", f"each contact more {priority.repeat_contact:g}"]
    points += [f"a word due at once {priority.deadline:g} (none in {span(priority.deadline_within)})"]
    points += [f"each minute waited {priority.per_minute:g}"]
    minutes = priority.longest_overtaking().total_seconds() / 60
    table = _table("Further", "What", "How")
    for what, how in (
        ("several mild signals", f"a person is offered from a sum of {policy.combined.offer:g}"),
        ("an offer declined", f"respected for {cooldown.after_decline_turns} turns"),
        ("an offer unanswered", f"not repeated for {cooldown.after_offer_turns} turns"),
        ("forgiven", f"after {policy.forgiveness.calm_turns} turns below {policy.forgiveness.calm_below:g}"),
        ("VIP", f"{', '.join(vip.tiers)}: {vip.severity_up} step more severe"),
        ("priority", ", ".join(points)),
        ("overtaken at most by", f"{minutes:.0f}m (stated: {span(priority.overtaken_at_most)})"),
        ("the assistant silent", f"to a person after {policy.bot_patience_seconds} s"),
    ):
        table.add_row(what, escape(how))
    return table


def _from(level: int) -> str:
    return f" (level {level})" if level > 1 else ""


def _table(title: str, *heads: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", expand=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table

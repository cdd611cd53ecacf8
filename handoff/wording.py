"""What customers and agents read from the handoff service: loaded from ``data/wording``, never written in Python."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from handoff.agent_wording import deadline_words, event_words, notification_words, why_words, wish_words
from handoff.contract import Category, Mood
from handoff.domain.cases import Case
from handoff.domain.email_address import EmailFault
from handoff.domain.notifications import NotificationKind
from handoff.domain.outbox import EventName
from handoff.domain.own_words import WishWords
from handoff.domain.why import WhyWords
from handoff.mail_wording import MailWords, mail_words
from handoff.other_languages import OtherLanguage, customers_words, other_languages, primary_subtag
from handoff.time_wording import TimeWords
from handoff.widget_wording import widget_words
from handoff.wording_file import read_mapping

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
PROBLEM_CHARACTERS: Final = 200
"""A phrase that grew longer by what the customer wrote is not used: it stands in notices and in lists of cases."""
LABELS: Final = (
    "person_request",
    "reopen_request",
    "unknown_problem",
    "unknown_cause",
    "some_agent",
    "silent_outcome",
    "incident_announcement",
)
DURATIONS: Final = ("minute", "minutes", "hour", "hours", "days")
_OPENED: Final = frozenset({"name_greeting", "problem", "queue", "position", "next_update", "case_number"})
_AUTHORITY: Final = frozenset({"agent", "amount", "reference"})
NOTICE_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "handoff_opened": _OPENED,
    "handoff_priority": _OPENED | {"contact_number"},
    "handoff_risk_safety": _OPENED,
    "handoff_risk_self_harm": _OPENED,
    "bot_handoff": _OPENED,
    "opened_by_system": _OPENED,
    "wait_range": frozenset({"wait"}),
    "nobody_until": frozenset({"queue", "back"}),
    "nobody_now": frozenset({"queue"}),
    "contact_asked": frozenset(),
    "contact_known": frozenset({"email"}),
    "contact_taken": frozenset({"email"}),
    "contact_wrong": frozenset({"email", "fault"}),
    "bot_trouble": frozenset(),
    "attachments_kept": frozenset(),
    "case_assigned": frozenset({"agent", "problem", "queue", "next_update"}),
    "case_transferred": frozenset({"queue", "position", "next_update"}),
    "case_escalated": frozenset({"queue", "level_name", "position", "next_update"}),
    "next_update_renewed": frozenset({"agent", "next_update"}),
    "promise_missed": frozenset({"agent", "next_update"}),
    "promise_missed_queue": frozenset({"queue", "position", "next_update"}),
    "returned_to_queue": frozenset({"queue", "position", "next_update"}),
    "nobody_eligible": frozenset({"queue", "position"}),
    "case_transferred_to_agent": frozenset({"agent", "queue", "next_update"}),
    "supervisor_joined": frozenset({"agent", "owner"}),
    "supervisor_left": frozenset({"agent", "owner"}),
    "case_taken_over": frozenset({"agent", "former", "next_update"}),
    "returned_to_bot": frozenset({"agent", "line"}),
    "case_merged": frozenset({"case_number", "queue"}),
    "case_merged_here": frozenset({"case_number"}),
    "case_resolved": frozenset({"agent", "outcome", "cause"}),
    "waiting_customer": frozenset({"agent", "what"}),
    "waiting_third_party": frozenset({"agent", "what", "next_update"}),
    "waiting_reminder": frozenset({"agent", "problem", "what", "closes"}),
    "answer_received": frozenset({"agent", "next_update"}),
    "case_resumed": frozenset({"agent", "next_update"}),
    "plan_told": frozenset({"agent", "plan"}),
    "case_closed_silent": frozenset({"agent", "problem", "outcome"}),
    "case_reopened": frozenset({"agent", "next_update"}),
    "case_reopened_queue": frozenset({"queue", "position", "next_update"}),
    "incident_known": frozenset({"announcement"}),
    "incident_announced": frozenset({"announcement"}),
    "incident_announced_later": frozenset({"announcement"}),
    "incident_over": frozenset({"resolution"}),
    "authority_refund": _AUTHORITY | {"arrives"},
    "authority_credit": _AUTHORITY,
    "authority_fee_waiver": _AUTHORITY | {"arrives"},
    "survey_thanks": frozenset({"agent"}),
    "survey_sorry": frozenset({"agent"}),
}
"""The notices that the use cases give, with the words that each may hold in braces."""
TONED: Final = ("handoff_opened", "handoff_priority", "bot_handoff")
"""Of these there may be others for severe cases and for the customer's mood; see ``Wording.toned``."""
SEVERE: Final = 2
"""Cases of this severity and worse (1) are told as severe."""


class WordingError(Exception):
    """A wording file cannot be used; the message names the file, what is wrong and how to mend it."""


# Without a repr: a log of a fault would print all the texts, and take seconds over it.
@dataclass(frozen=True, slots=True, repr=False)
class Wording:
    """All texts of one installation. ``widget`` goes to the widget as it is.

    ``no_answers`` are names of the bot's responses that customers are not asked to rate, with ``*`` for anything.
    """

    notices: Mapping[str, tuple[str, ...]]
    queues: Mapping[str, str]
    levels: Mapping[int, str]
    durations: Mapping[str, str]
    labels: Mapping[str, str]
    times: TimeWords
    email_faults: Mapping[EmailFault, str]
    widget: Mapping[str, str]
    widget_in: Mapping[str, Mapping[str, str]]
    """The same in the languages that there are files of."""
    problems: Mapping[str, Mapping[str, str]]
    problem_patterns: Mapping[str, str]
    problem_of_category: Mapping[str, str]
    causes: Mapping[str, str]
    no_answers: tuple[str, ...]
    why: WhyWords
    wishes: WishWords
    notifications: Mapping[NotificationKind, str]
    deadlines: Mapping[str, str]
    """How agents are told of the targets of time, by name, and what a case that moved up by itself is said to need."""
    events: Mapping[EventName, str]
    """What a chat of colleagues (Slack) reads of each event."""
    mail: MailWords
    language: str | None = None
    """The language of what customers read, None for the house's own."""
    others: Mapping[str, Wording] = field(default_factory=dict)
    """The same with what customers read in another language, by its primary subtag."""

    def to(self, language: str | None) -> Wording:
        """The texts for a customer of this language (BCP 47); the house's own where there are none in it."""
        return self.others.get(primary_subtag(language), self)

    def problem_of(self, case: Case) -> str:
        """The case's problem to its customer (P22): as it was opened, or in their language as its topic is named."""
        facts = case.context.facts
        return case.problem if self.language is None else self.problem(case.topic, facts, case.category)

    def notice(self, key: str, random: Random, said: Sequence[str] = (), **values: object) -> str:
        """One variant of a notice with its words filled in and its first letter a capital.

        ``said`` are the notices of the conversation so far, oldest first: no variant comes again while others are left,
        and then the one that was said longest ago.
        """
        last = {variant: _last_said(variant, said) for variant in self.notices[key]}
        text = random.choice([variant for variant in last if last[variant] == min(last.values())]).format_map(values)
        return text[:1].upper() + text[1:]

    def toned(self, key: str, severity: int, mood: Mood | None) -> str:
        """The key of the words for a handoff's notice: those that come nearest to its severity and the mood."""
        severe = (f"{key}_severe_{mood}", f"{key}_severe") if severity <= SEVERE else ()
        return next((name for name in (*severe, f"{key}_{mood}") if name in self.notices), key)

    def widget_for(self, language: str | None) -> Mapping[str, str]:
        """What the widget says on a page in ``language`` (BCP 47): its own words, or those of the house."""
        return self.widget_in.get(primary_subtag(language), self.widget)

    def queue(self, category: Category) -> str:
        """The queue's name as customers see it."""
        return self.queues[category]

    def topics(self) -> dict[str, str]:
        """What each topic is called when the customer is spoken to."""
        return {topic: phrases["without"] for topic, phrases in self.problems.items() if "without" in phrases}

    def cause(self, root_cause: str) -> str:
        """A root cause as the customer is told it; the list of the desk is for colleagues."""
        return self.causes.get(root_cause) or self.labels["unknown_cause"]

    def notification(self, kind: NotificationKind, values: Mapping[str, object]) -> str:
        """What a member of staff is told, with its words filled in; what nobody gave stays empty."""
        return self.notifications[kind].format_map(defaultdict(str, values))

    def within(self, span: timedelta) -> str:
        """A span as a promise: rounded up to whole minutes, hours or days so that it can be kept."""
        minutes = max(1, math.ceil(span / timedelta(minutes=1)))
        if minutes == 1:
            return self.durations["minute"]
        if minutes < 60:
            return self.durations["minutes"].format(n=minutes)
        hours = -(-minutes // 60)
        if hours == 1:
            return self.durations["hour"]
        if hours < 48:
            return self.durations["hours"].format(n=hours)
        return self.durations["days"].format(n=-(-hours // 24))

    def problem(self, topic: str | None, facts: Mapping[str, str], category: Category) -> str:
        """How the customer's problem is named, as specifically as the known facts allow (P22)."""
        if topic is not None:
            phrases = self.problems.get(topic, {})
            specific = phrases.get("with")
            if specific and all(facts.get(name) for name in _PLACEHOLDER.findall(specific)):
                phrase = specific.format_map(dict(facts))
                if len(phrase) <= PROBLEM_CHARACTERS:
                    return phrase
            if "without" in phrases:
                return phrases["without"]
            for pattern, phrase in self.problem_patterns.items():
                if fnmatchcase(topic, pattern):
                    return phrase
        return self.problem_of_category[category]


def load_wording(folder: Path) -> Wording:
    """Read ``notices.yml``, ``problems.yml`` and ``agents.yml``; raises ``WordingError``."""
    notices_file, problems_file, agents_file = (folder / f"{name}.yml" for name in ("notices", "problems", "agents"))
    notices, problems, agents = _read(notices_file), _read(problems_file), _read(agents_file)
    try:
        why = why_words(agents, agents_file)
        wishes = wish_words(agents, agents_file)
        notifications = notification_words(agents, agents_file)
        deadlines = deadline_words(agents, agents_file)
        events = event_words(agents, agents_file)
        mail = mail_words(notices, notices_file, agents, agents_file)
        house = notices.get("widget")
        widget_in = widget_words(folder, house) if isinstance(house, dict) else {}
    except ValueError as error:
        raise WordingError(str(error)) from error
    try:
        wording = Wording(
            **customers_words(notices, problems),
            widget={str(key): str(value) for key, value in notices["widget"].items()},
            widget_in=widget_in,
            no_answers=_names(notices["no_answers"]),
            why=why,
            wishes=wishes,
            notifications=notifications,
            deadlines=deadlines,
            events=events,
            mail=mail,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise WordingError(
            f"{notices_file.name} or {problems_file.name} in {folder}: {error!r} is missing or of another form; "
            "compare with the shipped file"
        ) from error
    missing = [c for c in Category if c not in wording.queues or c not in wording.problem_of_category]
    if missing:
        raise WordingError(f"{folder}: no name for {', '.join(missing)}; add labels.queues and category phrases")
    _refuse(_word_faults(wording, notices_file))
    try:
        others = other_languages(folder, notices, problems, NOTICE_WORDS)
        return replace(wording, others={one.language: _spoken(wording, one, agents, agents_file) for one in others})
    except ValueError as error:
        raise WordingError(str(error)) from error


def _spoken(house: Wording, other: OtherLanguage, agents: dict[str, Any], agents_file: Path) -> Wording:
    """The wording with what customers read in another language."""
    spoken = replace(
        house,
        **customers_words(other.notices, other.problems),
        mail=mail_words(other.notices, other.path, agents, agents_file),
        widget=house.widget_for(other.language),
        language=other.language,
    )
    _refuse(_word_faults(spoken, other.path))
    return spoken


def _refuse(faults: Iterator[str]) -> None:
    told = list(faults)
    if told:
        raise WordingError("\n".join(told))


def wording_parts(folder: Path) -> tuple[Callable[[], object], ...]:
    """Reading each part by itself, for who wants to know every part that is wrong; each raises ``ValueError``."""
    files = [folder / f"{name}.yml" for name in ("notices", "agents")]
    if not all(file.exists() for file in files):
        return ()
    (notices_file, agents_file), (notices, agents) = files, [_read(file) for file in files]
    of_agents = (why_words, wish_words, notification_words, deadline_words, event_words)
    house = notices.get("widget")
    return (
        *(partial(read, agents, agents_file) for read in of_agents),
        partial(mail_words, notices, notices_file, agents, agents_file),
        partial(widget_words, folder, house if isinstance(house, dict) else {}),
    )


def sentence(text: str) -> str:
    """The text with a full stop, so that the notice around it reads on."""
    stripped = text.strip()
    return stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."


def _names(listed: object) -> tuple[str, ...]:
    """A list of names; a single name written without its dash would be read letter by letter."""
    if not isinstance(listed, list):
        raise TypeError(f"no_answers: {listed!r}")
    return tuple(str(name) for name in listed)


def _last_said(variant: str, said: Sequence[str]) -> int:
    """The place in ``said`` of the last notice that is this variant, whatever was filled in; -1 where there is none."""
    return max((place for place, text in enumerate(said) if _begins_with(variant, text)), default=-1)


def _begins_with(variant: str, text: str) -> bool:
    """Whether a notice is of this variant, also where a paragraph was added to it."""
    return _is_of(variant, text) or _is_of(variant, text.partition("\n\n")[0])


def _is_of(variant: str, text: str) -> bool:
    first, *others = (piece.casefold() for piece in _PLACEHOLDER.split(variant)[::2])
    rest = text.casefold()
    if not others:
        return rest == first
    *middle, last = others
    if not rest.startswith(first):
        return False
    rest = rest[len(first) :]
    for piece in middle:
        _, found, rest = rest.partition(piece)
        if found != piece:
            return False
    return rest.endswith(last)


def _tones(key: str) -> tuple[str, ...]:
    """The keys under which the notice ``key`` may have other words."""
    severe = f"{key}_severe"
    return (severe, *(f"{name}_{mood}" for name in (key, severe) for mood in Mood))


def _word_faults(wording: Wording, path: Path) -> Iterator[str]:
    """A word in braces that no one fills in would stop the very step that the notice tells of: found at the start."""
    toned = {name: NOTICE_WORDS[key] for key in TONED for name in _tones(key) if name in wording.notices}
    for name in wording.notices.keys() - toned.keys() - NOTICE_WORDS.keys():
        if name.startswith(tuple(f"{key}_" for key in TONED)):
            yield (
                f"{path}: nobody gives the notice {name}; after its name stands severe, or a mood "
                f"({', '.join(Mood)}), or severe and a mood"
            )
    for key, known in {**NOTICE_WORDS, **toned}.items():
        if not wording.notices.get(key):
            yield f"{path}: the notice {key} is missing; restore it from the shipped file"
        for variant in wording.notices.get(key, ()):
            try:
                variant.format_map(dict.fromkeys(known, ""))
            except (KeyError, IndexError, ValueError, AttributeError) as error:
                allowed = ", ".join(sorted(known)) or "none"
                yield f"{path}: the notice {key} holds {error} in braces; it may use {allowed}"
    needed = (
        [("labels", label) for label in LABELS if label not in wording.labels]
        + [("labels.durations", name) for name in DURATIONS if name not in wording.durations]
        + [("labels.levels", str(level)) for level in range(1, 5) if level not in wording.levels]
        + [("widget", "bot_name")] * ("bot_name" not in wording.widget)
    )
    yield from (f"{path}: {where} has no {name}; restore it from the shipped file" for where, name in needed)


def _read(path: Path) -> dict[str, Any]:
    try:
        return read_mapping(path)
    except ValueError as error:
        raise WordingError(str(error)) from error

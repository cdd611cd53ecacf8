"""``warmline escalation explain``: why a conversation went to a person, or why it did not, turn by turn."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.markup import escape
from rich.table import Table

from warmline.content.personal_data import mask
from warmline.errors import CommandError, ExitCode
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, environment_python
from warmline.settings import Settings

FRUSTRATION: Final = "frustration"
NOT_FOUND: Final = 2
"""Exit code of ``python -m handoff.explain`` when there is no such conversation."""
WITHOUT_RECORD: Final = {
    "pending": "not answered yet",
    "handed_off": "a person had the conversation before the bot answered",
    "failed": "the bot did not answer in time; a person has it",
    "abandoned": "the customer began a fresh conversation",
}


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Signal(_Read):
    """One signal of a turn: what was measured, what the policy compared it with, its weight, and the evidence."""

    signal: str
    reason: str
    value: float
    threshold: float
    weight: float = 1.0
    evidence: tuple[str, ...] = ()


class Decided(_Read):
    """What was decided about a turn, and under which policy."""

    action: str
    reason: str | None = None
    kind: str | None = None
    category: str = ""
    severity: int = 4
    level: int = 1
    acknowledge: bool = False
    contact_number: int = 1
    reasons: tuple[Signal, ...] = ()
    policy_version: str = ""


class Record(_Read):
    """What was understood and felt in a turn."""

    intent: str
    confidence: float
    topic: str | None = None
    frustration: float = 0.0
    trend: float = 0.0
    peak: float = 0.0
    scored_by: str = ""
    decision: Decided

    @property
    def words(self) -> tuple[str, ...]:
        """The words that weighed in the frustration; empty where it was too low to count."""
        return next((signal.evidence for signal in self.decision.reasons if signal.signal == FRUSTRATION), ())


class Message(_Read):
    """One customer message; without text it is a note of Warmline's own."""

    message_id: str
    at: str
    text: str | None
    status: str | None = None
    record: Record | None = None


class Case(_Read):
    """A case that the conversation led to; ``message_id`` is the message that opened it."""

    number: str
    opened_at: str
    message_id: str
    reason: str
    category: str
    severity: int
    level: int


class Conversation(_Read):
    """A conversation as ``python -m handoff.explain`` prints it; further fields are let pass."""

    conversation_id: str
    started_at: str
    status: str
    owner: str
    cases: tuple[Case, ...] = ()
    messages: tuple[Message, ...] = ()


def ask_handoff(settings: Settings, wanted: str) -> Conversation:
    """Return the conversation from handoff's database. Raises :class:`CommandError` when it cannot be had."""
    command = [str(environment_python(APP_ENVIRONMENT)), "-m", "handoff.explain", "--", wanted]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        if done.returncode == NOT_FOUND:
            mend = "give the id of a conversation, or the number of a case as the desk shows it"
            raise CommandError(f"{wanted}: {said.partition(': ')[2] or said}", mend, ExitCode.USAGE)
        what = f"the conversation cannot be read from {settings.var_dir.name}/: {said}"
        raise CommandError(what, "run `warmline setup`")
    try:
        return Conversation.model_validate_json(done.stdout)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise CommandError(f"handoff's answer is not understood: {where}: {first['msg']}", "make setup") from error


def masked(conversation: Conversation) -> Conversation:
    """Return the conversation with personal data masked, in what was said and in the evidence."""
    return conversation.model_copy(update={"messages": tuple(_masked(message) for message in conversation.messages)})


def _masked(message: Message) -> Message:
    text = mask(message.text) if message.text is not None else None
    record = message.record
    if record is not None:
        reasons = tuple(
            signal.model_copy(update={"evidence": tuple(mask(words) for words in signal.evidence)})
            for signal in record.decision.reasons
        )
        record = record.model_copy(update={"decision": record.decision.model_copy(update={"reasons": reasons})})
    return message.model_copy(update={"text": text, "record": record})


def as_json(conversation: Conversation) -> dict[str, Any]:
    """Return the explanation for programs."""
    return {
        **conversation.model_dump(mode="json", exclude={"messages"}),
        "turns": [
            {
                "turn": number,
                "message_id": message.message_id,
                "at": message.at,
                "text": message.text,
                "status": message.status,
                **(_record_json(message.record) if message.record else {}),
            }
            for number, message in enumerate(conversation.messages, 1)
        ],
    }


def _record_json(record: Record) -> dict[str, Any]:
    decision = record.decision.model_dump(mode="json")
    signals, version = decision.pop("reasons"), decision.pop("policy_version")
    return {
        **record.model_dump(mode="json", exclude={"decision"}),
        "words": list(record.words),
        "signals": signals,
        "decision": decision,
        "policy_version": version,
    }


def table(conversation: Conversation) -> Table:
    """Return the conversation as a table, a row for each customer message."""
    shown = Table(title=_title(conversation), title_justify="left", title_style="bold", show_lines=True)
    for head in ("Turn", "At (UTC)", "The customer said", "Frustration", "Signals", "Decision"):
        shown.add_column(head, overflow="fold")
    opened = {case.message_id: case for case in conversation.cases}
    for number, message in enumerate(conversation.messages, 1):
        shown.add_row(
            str(number),
            escape(message.at[:19].replace("T", " ")),
            escape(_said(message)),
            escape(_felt(message.record)),
            escape(_signals(message.record.decision.reasons)) if message.record else "",
            escape(_decided(message, opened.get(message.message_id))),
        )
    return shown


def _title(conversation: Conversation) -> str:
    policies = {message.record.decision.policy_version for message in conversation.messages if message.record}
    policies.discard("")
    under = f", policy {' and '.join(sorted(policies))}" if policies else ""
    return f"Conversation {conversation.conversation_id} of {conversation.started_at[:10]}{under}"


def _said(message: Message) -> str:
    if message.text is None:
        return f"(a note of ours: {message.record.intent if message.record else message.status})"
    # Nothing that a terminal would obey is left in the customer's words.
    text = "".join(character if character.isprintable() else " " for character in message.text)
    if message.record is None:
        return text
    what = message.record.topic or message.record.intent
    return f"{text}\n(understood: {what}, {message.record.confidence:.2f})"


def _felt(record: Record | None) -> str:
    if record is None:
        return ""
    words = f"\n{', '.join(record.words)}" if record.words else ""
    return f"{record.frustration:.2f} by {record.scored_by}\ntrend {record.trend:+.2f}, peak {record.peak:.2f}{words}"


def _signals(reasons: Sequence[Signal]) -> str:
    return "\n".join(
        f"{signal.signal}: {signal.value:g} of {signal.threshold:g}, weight {signal.weight:g}"
        + (f" ({'; '.join(signal.evidence)})" if signal.evidence and signal.signal != FRUSTRATION else "")
        for signal in reasons
    )


def _decided(message: Message, case: Case | None) -> str:
    record = message.record
    if record is None:
        said = WITHOUT_RECORD.get(message.status or "", "a person has the conversation")
    else:
        decision = record.decision
        said = decision.action + (" and acknowledge" if decision.acknowledge else "")
        if decision.reason is not None:
            said += (
                f", {decision.reason} ({decision.kind})\n{decision.category}, severity {decision.severity}, "
                f"level {decision.level}"
            )
        if decision.contact_number > 1:
            said += f"\ncontact {decision.contact_number}"
        said += f"\npolicy {decision.policy_version}" if decision.policy_version else ""
    return said + (f"\ncase {case.number}" if case is not None else "")

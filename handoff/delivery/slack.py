"""An event as a message for Slack, and for whatever takes Slack's incoming webhooks (Mattermost, Rocket.Chat)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from handoff.domain.deadlines import Deadline
from handoff.domain.outbox import EventName
from handoff.wording import Wording

LONGEST: Final = 3000
"""Characters of a section's text (Slack's limit)."""
_CODES: Final = frozenset({"step", "disposition", "root_cause", "waiting_for", "status"})


def slack_message(body: Mapping[str, Any], wording: Wording) -> dict[str, Any]:
    """One line of ours with the facts filled in; nothing in the facts can become a link, a mention or markup."""
    case = body["case"] or {}
    values = {**body["data"], **{key: value for key, value in case.items() if not isinstance(value, dict)}}
    values["agent"] = (case.get("agent") or {}).get("name") or "-"
    values["queue"] = wording.queues.get(str(case.get("category")), "")
    for code in _CODES & values.keys():
        values[code] = str(values[code]).replace("_", " ")
    if "deadline" in values:
        target = Deadline(values["deadline"]).target
        values["deadline"] = wording.deadlines[target] if target is not None else values["deadline"]
    plain = {key: escaped(str(value)) for key, value in values.items() if value is not None}
    text = wording.events[EventName(body["event"])].format_map(defaultdict(str, plain))[:LONGEST]
    return {"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}


def escaped(text: str) -> str:
    """Text with Slack's three control characters written out, and its formatting marks made harmless."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    # A zero-width space behind a mark: the mark is still read, and formats nothing.
    return "".join(f"{c}\u200b" if c in "*_~`" else c for c in " ".join(text.split()))

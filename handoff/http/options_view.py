"""What the desk's forms offer, on the wire: from the policy and the wording."""

from __future__ import annotations

from typing import Any

from handoff.contract import Category
from handoff.domain.attachments import ATTACHMENT_BYTES, ATTACHMENTS_PER_MESSAGE
from handoff.domain.conversations import MESSAGE_CHARACTERS
from handoff.services.triage import NAMED, risks_of
from handoff.wording import Wording
from warmline.policy import EscalationPolicy


def options_view(policy: EscalationPolicy, wording: Wording) -> dict[str, Any]:
    """What forms offer, from the policy and the wording."""
    return {
        "categories": [{"category": c, "label": wording.queue(c)} for c in Category],
        "levels": [{"level": level, "name": entry.name} for level, entry in sorted(policy.levels.items())],
        "severities": [
            {"severity": severity, "name": entry.name, "meaning": entry.meaning}
            for severity, entry in sorted(policy.severities.items())
        ],
        "triage": [
            {
                "code": code,
                "question": getattr(policy.triage, code).question,
                "risks": [{"code": risk, "label": label} for risk, label in risks_of(policy, code).items()]
                if code in NAMED
                else [],
            }
            for code in type(policy.triage).model_fields
        ],
        "dispositions": [{"code": code, "label": entry.label} for code, entry in policy.dispositions.items()],
        "root_causes": [
            {"code": code, "label": label, "group": group.label}
            for group in policy.root_causes.values()
            for code, label in group.causes.items()
        ],
        "time_zone": str(policy.kpi_zone),
        "message_characters": MESSAGE_CHARACTERS,
        "attachment_bytes": ATTACHMENT_BYTES,
        "attachments": ATTACHMENTS_PER_MESSAGE,
    }

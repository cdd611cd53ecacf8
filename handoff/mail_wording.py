"""What stands in mails: to customers (``notices.yml``), to members of staff (``agents.yml``). Checked when loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

_IN_BRACES: Final = re.compile(r"\{([^}]*)\}")
_ANSWER: Final = frozenset({"number", "problem", "greeting"})
_STAFF: Final = frozenset({"text", "number"})
WORDS: Final[Mapping[str, frozenset[str]]] = {
    "subject": _ANSWER,
    "greeting": frozenset({"name"}),
    "greeting_nameless": frozenset(),
    "opening": _ANSWER,
    "said": frozenset({"who"}),
    "link": frozenset({"link", "days"}),
    "survey": frozenset({"link"}),
    "closing": _ANSWER,
    "staff_subject": _STAFF,
    "staff_text": _STAFF | {"link"},
}
"""What each text may hold in braces."""


@dataclass(frozen=True, slots=True)
class MailWords:
    """The texts of mails: those of an answer to the customer, and of a notification to a member of staff."""

    subject: str
    greeting: str
    greeting_nameless: str
    opening: str
    said: str
    link: str
    survey: str
    closing: str
    staff_subject: str
    staff_text: str
    page: Mapping[str, str]
    """The page behind the link, by ``PAGE_WORDS``."""


PAGE_WORDS: Final = ("title", "opening", "ready", "expired", "invalid", "failed")


def mail_words(
    notices: Mapping[str, Any], notices_file: Path, agents: Mapping[str, Any], agents_file: Path
) -> MailWords:
    """The part ``mail`` of both files; raises ``ValueError`` with file, fault and remedy."""
    found: dict[str, str] = {}
    for name in (field.name for field in fields(MailWords) if field.name in WORDS):
        staff = name.startswith("staff_")
        content, path = (agents, agents_file) if staff else (notices, notices_file)
        key = name.removeprefix("staff_") if staff else name
        part = content.get("mail")
        text = part.get(key) if isinstance(part, Mapping) else None
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{path}: mail has no {key}; restore it from the shipped file")
        strange = sorted(set(_IN_BRACES.findall(text)) - WORDS[name])
        if strange or text.count("{") != text.count("}"):
            raise ValueError(
                f"{path}: mail: {key} holds {', '.join(strange) or 'a lone brace'}; in braces may stand "
                f"{', '.join(sorted(WORDS[name])) or 'nothing'}"
            )
        found[name] = text.strip()
    for name, leads in (("link", "the way back into the conversation"), ("survey", "the way to the survey")):
        if "{link}" not in found[name]:
            raise ValueError(f"{notices_file}: mail: {name} needs {{link}}, {leads}")
    page = notices["mail"].get("page")
    if not isinstance(page, Mapping) or not all(isinstance(page.get(key), str) for key in PAGE_WORDS):
        raise ValueError(f"{notices_file}: mail: page needs {', '.join(PAGE_WORDS)}; restore it from the shipped file")
    return MailWords(page={key: page[key].strip() for key in PAGE_WORDS}, **found)

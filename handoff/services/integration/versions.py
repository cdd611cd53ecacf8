"""The other system's view of a case may be old: a version says which one it acted upon."""

from __future__ import annotations

from handoff.domain.cases import Case
from handoff.domain.errors import CaseChanged


def require_version(case: Case, version: int | None) -> None:
    """Raise ``CaseChanged`` with the version of now, if one was given and it is another; call it with the case held."""
    if version is not None and version != case.version:
        raise CaseChanged(f"Case {case.number} was changed by somebody else. Read it again.", version=case.version)

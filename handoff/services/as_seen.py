"""The version of a case that somebody saw when they chose a step: whoever was overtaken meanwhile is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from handoff.domain.cases import Case
from handoff.domain.errors import CaseChanged


@dataclass(slots=True)
class _Seen:
    case_id: str
    version: int
    checked: bool = False


_SEEN: ContextVar[_Seen | None] = ContextVar("seen", default=None)
"""Every step that an agent takes may carry a version, and only where the case is held is it known whether it still
stands; so it travels beside the use cases, not through each of them."""


@contextmanager
def as_seen(case_id: str, version: int | None) -> Iterator[None]:
    """What is done to the case inside is refused with ``CaseChanged`` if it no longer has this version by then.

    It is looked at once, where the first transaction holds the case: what follows in the same request, such as the
    further steps of a macro, may change the version itself. None checks nothing.
    """
    if version is None:
        yield
        return
    token = _SEEN.set(_Seen(case_id, version))
    try:
        yield
    finally:
        _SEEN.reset(token)


def require_as_seen(case: Case) -> None:
    """Raise ``CaseChanged`` where the case, which is held, is not as it was seen."""
    seen = _SEEN.get()
    if seen is None or seen.checked or seen.case_id != case.id:
        return
    if case.version != seen.version:
        raise CaseChanged(f"Case {case.number} was changed by somebody else. Read it again.", version=case.version)
    seen.checked = True

"""What an agent may decide alone (P4, P21): within the limit of their level, counted over the whole case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from handoff.contract import AuthorityKind
from handoff.domain.errors import OverAuthority


class UseStatus(StrEnum):
    """What became of a decision."""

    BEGUN = "begun"
    """Asked of the shop, which has not answered yet."""
    DONE = "done"
    REFUSED = "refused"
    """The shop's rules do not allow it; nothing was changed."""
    UNREACHED = "unreached"
    """The shop could not be reached; nothing was changed."""
    UNCERTAIN = "uncertain"
    """The shop was asked and did not answer: it may have happened. The same key asks again and never does it twice."""


COUNTED: Final = frozenset({UseStatus.BEGUN, UseStatus.DONE, UseStatus.UNCERTAIN})
"""What counts against the limit: everything that has happened, or may have."""
ASKED_AGAIN: Final = frozenset({UseStatus.BEGUN, UseStatus.UNCERTAIN, UseStatus.UNREACHED})
"""What the same key asks the shop again."""


@dataclass(frozen=True, slots=True)
class AuthorityUse:
    """One decision. ``key`` is the client's, unique in its case; ``amount`` in pounds."""

    key: str
    case_id: str
    agent_id: str
    kind: AuthorityKind
    amount: Decimal
    reason: str
    status: UseStatus
    begun_at: datetime
    email: str | None = None
    order_number: str | None = None
    sku: str | None = None
    charge_id: str | None = None
    reference: str | None = None
    arrives_by: date | None = None
    settled_at: datetime | None = None

    def asks_the_same(self, other: AuthorityUse) -> bool:
        """Whether both stand for one decision: the same key with anything else in it is a mistake."""
        mine = (self.kind, self.amount, self.reason, self.email, self.order_number, self.sku, self.charge_id)
        return mine == (
            other.kind,
            other.amount,
            other.reason,
            other.email,
            other.order_number,
            other.sku,
            other.charge_id,
        )


def used(uses: Iterable[AuthorityUse], kind: AuthorityKind) -> Decimal:
    """How much of this kind the case has had, in pounds."""
    return sum((use.amount for use in uses if use.kind is kind and use.status in COUNTED), Decimal(0))


def limit_of(limits: Mapping[int, float], level: int) -> Decimal:
    """What somebody of this level may decide, in pounds: the highest limit of the levels up to theirs."""
    own = max((most for named, most in limits.items() if named <= level), default=0.0)
    return Decimal(str(own)).quantize(Decimal("0.01"))


def require_authority(
    kind: AuthorityKind,
    amount: Decimal,
    before: Decimal,
    *,
    level: int,
    limits: Mapping[int, float],
    level_names: Mapping[int, str],
) -> None:
    """Raise ``OverAuthority``, naming the level that may, unless this level may decide ``before + amount`` pounds."""
    limit = limit_of(limits, level)
    if before + amount <= limit:
        return
    may = next((n for n, most in sorted(limits.items()) if before + amount <= Decimal(str(most))), None)
    what = kind.replace("_", " ")
    so_far = f", and £{before:.2f} of it is used in this case" if before else ""
    if may is None:
        who = "Nobody's limit covers this sum; speak to a manager."
    else:
        who = f"Level {may} ({level_names.get(may, '')}) may decide it: escalate the case with what was tried."
    raise OverAuthority(
        f"A {what} of £{amount:.2f} is above your limit of £{limit:.2f}{so_far}. {who}",
        kind=kind,
        limit=f"{limit:.2f}",
        used=f"{before:.2f}",
        level=may,
        escalate=may is not None and may > level,
    )

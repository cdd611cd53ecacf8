"""What the agent API answers about what is known beside a case: similar ones, answers, the matrix."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from handoff.contract import AuthorityKind, Category, WireModel
from handoff.domain.authority import UseStatus
from handoff.http.agent_schemas import CaseSummary


class SimilarCase(WireModel):
    """A closed case that is like this one, with its resolution; nothing of whose it was."""

    id: str
    number: str
    category: Category
    queue: str
    problem: str
    outcome: str
    disposition: str
    root_cause: str
    solved: bool
    agent_name: str | None
    csat: int | None
    resolved_at: AwareDatetime
    likeness: float


class SimilarAnswer(WireModel):
    """``GET /cases/{id}/similar``. ``off``: why nothing can be found by meaning here, null while it can."""

    cases: list[SimilarCase]
    off: str | None


class NearAnswer(WireModel):
    """An FAQ answer near to the case's problem."""

    topic: str
    question: str
    answer: str
    likeness: float
    given: bool


class NearAnswers(WireModel):
    """``GET /cases/{id}/answers``. ``off``: why nothing can be found by meaning here, null while it can."""

    answers: list[NearAnswer]
    off: str | None


class MatrixTargets(WireModel):
    """The targets of one category at one severity, in seconds."""

    severity: int
    first_response_seconds: int
    next_update_seconds: int
    resolution_seconds: int


class MatrixCategory(WireModel):
    """One category: whether its team is there now, and what is promised."""

    category: Category
    label: str
    open_now: bool
    targets: list[MatrixTargets]


class MatrixLevel(WireModel):
    """One level of the people who answer."""

    level: int
    name: str
    does: str


class MatrixSeverity(WireModel):
    """One severity in words."""

    severity: int
    name: str
    meaning: str


class MatrixTrigger(WireModel):
    """What brings a case to a level by itself. ``kind``: risk, rule or authority; category null: that of the topic."""

    kind: str
    name: str
    label: str
    category: str | None
    severity: int
    level: int


class AuthorityLimit(WireModel):
    """The most that one level may decide for a case, in pounds."""

    level: int
    limit: str


class MatrixAuthority(WireModel):
    """Who may decide which sum. ``yours`` is the limit of the one who asks."""

    kind: str
    label: str
    bot_limit: str
    yours: str
    by_level: list[AuthorityLimit]


class MatrixAnswer(WireModel):
    """``GET /matrix``: the escalation policy in force, as an agent reads it."""

    version: str
    your_level: int
    levels: list[MatrixLevel]
    severities: list[MatrixSeverity]
    categories: list[MatrixCategory]
    triggers: list[MatrixTrigger]
    authority: list[MatrixAuthority]


class AuthorityOfKind(WireModel):
    """What one may decide in this case, in pounds."""

    kind: AuthorityKind
    label: str
    limit: str
    used: str
    left: str


class AuthorityUse(WireModel):
    """A decision and what became of it."""

    key: str
    kind: AuthorityKind
    amount: str
    reason: str
    status: UseStatus
    agent_id: str
    order_number: str | None
    sku: str | None
    charge_id: str | None
    reference: str | None
    arrives_by: date | None
    begun_at: AwareDatetime
    settled_at: AwareDatetime | None


class AuthorityItem(WireModel):
    """An item that money can be paid back for, and how much is left of it."""

    order_number: str
    sku: str
    product: str
    amount: str


class AuthorityFee(WireModel):
    """A fee that can be waived."""

    charge_id: str
    reference: str
    charged_on: date
    amount: str


class AuthorityAnswer(WireModel):
    """``GET /cases/{id}/authority``. ``problem``: why there is nothing to choose from, null where there is."""

    kinds: list[AuthorityOfKind]
    uses: list[AuthorityUse]
    items: list[AuthorityItem]
    fees: list[AuthorityFee]
    problem: str | None


class AuthorityUsed(WireModel):
    """``POST /cases/{id}/authority``."""

    use: AuthorityUse
    case: CaseSummary

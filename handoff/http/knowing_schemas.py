"""What the agent API answers about what is known beside a case: similar ones, answers, the matrix."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from handoff.contract import AuthorityKind, Category, WireModel
from handoff.domain.authority import UseStatus
from handoff.domain.deadlines import Target
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


class MatrixHoliday(WireModel):
    """A day off of a queue: ``12-25`` for each year, or with a year before it."""

    day: str
    holiday: str


class MatrixHours(WireModel):
    """When a team is there, by the clock of ``time_zone``: the spans of each day, Monday first, and its days off."""

    time_zone: str
    weekly: list[list[str]]
    holidays: list[MatrixHoliday]
    opens_at: AwareDatetime | None


class MatrixCategory(WireModel):
    """One category: whether its team is there now, when it is, and what is promised."""

    category: Category
    label: str
    open_now: bool
    hours: MatrixHours
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


class MatrixCondition(WireModel):
    """One condition of a rule by its name in the policy, and what fits it: one of ``any_of`` is enough."""

    condition: str
    any_of: list[str]


class MatrixRule(WireModel):
    """A conditional rule (P8): when all of ``when`` is so, a person is offered, or the case handed over."""

    name: str
    label: str
    action: Literal["offer", "now"]
    when: list[MatrixCondition]
    category: str | None
    severity: int
    level: int


class MatrixNear(WireModel):
    """When a target is near: a share of it is left, or so many seconds of open time; one of them is null."""

    target: Target
    share: float | None
    seconds: int | None


class MatrixStalled(WireModel):
    """After so much open time without a word of an agent a case is stalled."""

    severity: int
    stalled_seconds: int


class MatrixTier(WireModel):
    """The share of each target that customers of this tier wait."""

    tier: str
    share_of_target: float


class MatrixByItself(WireModel):
    """What happens by itself around the targets (P7)."""

    near: list[MatrixNear]
    stalled: list[MatrixStalled]
    around_the_clock: list[int]
    tiers: list[MatrixTier]
    remind_seconds: int
    close_seconds: int


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
    """``GET /matrix``: the escalation policy in force since ``since``, as an agent reads it.

    ``problem`` says what is wrong with the file where it says something else by now and cannot be used.
    """

    version: str
    since: AwareDatetime | None
    problem: str | None
    your_level: int
    levels: list[MatrixLevel]
    severities: list[MatrixSeverity]
    categories: list[MatrixCategory]
    triggers: list[MatrixTrigger]
    rules: list[MatrixRule]
    by_itself: MatrixByItself
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

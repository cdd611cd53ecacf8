"""The escalation brain and self-service as shipped, with real parts behind their ports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest
from rasa_sdk.executor import ActionExecutor

from actions.brain import Brain
from actions.cases import MemoryCases
from actions.content import load_choices, load_guides
from actions.handoff import ActionHandoff, ActionReopenCase
from actions.policy_view import view_of
from actions.score_turn import ActionScoreTurn, ActionValidateSlotMappings
from actions.scoring.policy import PolicyView
from actions.services import Services
from actions.shop.seed import seed
from actions.shop.sqlite_shop import SqliteShop
from actions.wording import Problems, load_problems
from tests.actions.escalation_cast import Rasa, ScriptedFrustration
from tests.actions.self_service_cast import MONDAY
from warmline.policy import EscalationPolicy, load_policy

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def policy() -> EscalationPolicy:
    return load_policy(ROOT / "data" / "escalation.yml")


@pytest.fixture(scope="session")
def view(policy: EscalationPolicy) -> PolicyView:
    return view_of(policy)


@pytest.fixture(scope="session")
def problems() -> Problems:
    return load_problems(ROOT / "data" / "wording" / "problems.yml")


@pytest.fixture
def feelings() -> ScriptedFrustration:
    return ScriptedFrustration()


@pytest.fixture
def cases() -> MemoryCases:
    return MemoryCases()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def sleep(slept: list[float]) -> Callable[[float], Awaitable[None]]:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    return sleep


@pytest.fixture
def brain(
    policy: EscalationPolicy,
    view: PolicyView,
    feelings: ScriptedFrustration,
    cases: MemoryCases,
    problems: Problems,
    sleep: Callable[[float], Awaitable[None]],
) -> Brain:
    return Brain(policy=policy, view=view, frustration=feelings, cases=cases, problems=problems, sleep=sleep)


@pytest.fixture
def executor(brain: Brain) -> ActionExecutor:
    executor = ActionExecutor()
    for action in (
        ActionScoreTurn(brain),
        ActionValidateSlotMappings(brain),
        ActionHandoff(brain),
        ActionReopenCase(brain),
    ):
        executor.register_action(action)
    return executor


@pytest.fixture
def rasa(executor: ActionExecutor) -> Rasa:
    return Rasa(executor)


@pytest.fixture
def shop_file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    seed(path, MONDAY.date())
    return path


@pytest.fixture
def services(shop_file: Path) -> Services:
    return Services(
        shop=SqliteShop(shop_file, lambda: MONDAY),
        now=lambda: MONDAY,
        refund_limit=Decimal("50.00"),
        guides=load_guides(ROOT / "data"),
        choices=load_choices(ROOT / "data"),
    )

"""Decisions within one's authority: limits, once and never twice, written down and told (P4, P21)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from handoff.contract import (
    AuthorityDone,
    AuthorityKind,
    AuthorityOptions,
    AuthorityRequest,
    RefundableItem,
)
from handoff.domain.authority import AuthorityUse, UseStatus, limit_of
from handoff.domain.cases import Step
from handoff.domain.errors import (
    BadValue,
    CaseClosed,
    NotFound,
    NotOwner,
    OverAuthority,
    ShopRefused,
    ShopUnreachable,
    WrongState,
)
from handoff.domain.people import Agent
from handoff.services import case_steps
from handoff.services.authority import read_authority, use_authority
from handoff.services.shop import ShopUncertain, unreachable
from handoff.store import case_events
from handoff.store.schema import audit_log
from tests.handoff.cast import ANA, BEA, BEN, GRACE, House, until

ITEM = RefundableItem(order_number="LH-10003", sku="KET-100", product="kettle", amount=Decimal("39.00"))


@dataclass
class FakeShop:
    """Does a thing once for each key; answers, fails or is lost as it is told."""

    done: dict[str, AuthorityDone] = field(default_factory=dict)
    trouble: list[Exception] = field(default_factory=list)
    lost: int = 0
    """So many answers are lost after the thing was done."""
    asked: list[AuthorityRequest] = field(default_factory=list)
    gate: asyncio.Event | None = None

    def was_asked(self, times: int) -> Callable[[], Awaitable[bool]]:
        async def was() -> bool:
            return len(self.asked) >= times

        return was

    async def options(self, customer_id: str) -> AuthorityOptions:
        if self.trouble:
            raise self.trouble.pop(0)
        return AuthorityOptions(items=(ITEM,))

    async def use(self, wanted: AuthorityRequest) -> AuthorityDone:
        self.asked.append(wanted)
        if self.gate is not None:
            await self.gate.wait()
        if self.trouble:
            raise self.trouble.pop(0)
        made = AuthorityDone(reference=f"F-{len(self.done) + 1}", amount=wanted.amount, arrives_by=date(2026, 3, 9))
        done = self.done.setdefault(wanted.idempotency_key, made)
        if self.lost:
            self.lost -= 1
            raise ShopUncertain("lost")
        return done


def wanted(house: House, case_id: str, amount: str = "39.00", key: str = "decision-1", **given: object) -> AuthorityUse:
    values: dict[str, object] = {
        "key": key,
        "case_id": case_id,
        "agent_id": BEN.id,
        "kind": AuthorityKind.REFUND,
        "amount": Decimal(amount),
        "reason": "The kettle leaks",
        "status": UseStatus.BEGUN,
        "begun_at": house.clock(),
        "order_number": "LH-10003",
        "sku": "KET-100",
        **given,
    }
    return AuthorityUse(**values)  # type: ignore[arg-type]


async def owned(house: House, agent: Agent = BEN) -> str:
    _, case_id = await house.case()
    await case_steps.accept(house.context, case_id, agent)
    return case_id


async def steps(house: House, case_id: str) -> list[dict[str, object]]:
    async with house.db.read() as db:
        return [e.data for e in await case_events.events_of(db, case_id) if e.step is Step.AUTHORITY]


async def test_a_refund_within_the_limit_is_paid_told_and_written_down(house: House) -> None:
    conversation, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    shop = FakeShop()

    case, use = await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id))

    assert (use.status, use.reference, use.arrives_by) == (UseStatus.DONE, "F-1", date(2026, 3, 9))
    (request,) = shop.asked
    assert (request.customer_id, request.idempotency_key) == ("C-1001", f"{case_id}:decision-1")
    assert await steps(house, case_id) == [
        {"kind": "refund", "amount": "39.00", "status": "done", "reference": "F-1", "key": "decision-1"}
    ]
    notice = (await house.messages(conversation))[-1]
    assert notice.notice == "authority_refund"
    assert "£39.00" in notice.text
    assert "F-1" in notice.text
    async with house.db.read() as db:
        entry = (await db.execute(select(audit_log).where(audit_log.c.action == "authority.refund"))).one()
    assert (entry.actor_id, entry.object_id, entry.data["reason"]) == (BEN.id, case_id, "The kettle leaks")
    assert case.version > 2


async def test_above_the_limit_the_level_that_may_is_named_and_nothing_is_asked_of_the_shop(house: House) -> None:
    case_id, shop = await owned(house), FakeShop()

    with pytest.raises(OverAuthority, match="Level 2") as caught:
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "150.01"))

    assert caught.value.data == {
        "kind": "refund",
        "limit": "150.00",
        "used": "0.00",
        "level": 2,
        "escalate": True,
    }
    assert shop.asked == []
    assert (await read_authority(house.context, shop, case_id, BEN)).uses == ()


async def test_several_decisions_of_a_case_count_together(house: House) -> None:
    case_id, shop = await owned(house), FakeShop()
    await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "100.00"))

    with pytest.raises(OverAuthority, match=r"£100\.00 of it is used"):
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "50.01", "decision-2"))
    await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "50.00", "decision-3"))
    await use_authority(
        house.context, shop, case_id, BEN, wanted(house, case_id, "40.00", "decision-4", kind=AuthorityKind.CREDIT)
    )

    found = await read_authority(house.context, shop, case_id, BEN)
    assert found.used == {
        AuthorityKind.REFUND: Decimal("150.00"),
        AuthorityKind.CREDIT: Decimal("40.00"),
        AuthorityKind.FEE_WAIVER: Decimal(0),
    }


async def test_decisions_made_at_once_never_pass_the_limit_together(house: House) -> None:
    case_id = await owned(house)
    shop = FakeShop(gate=asyncio.Event())
    tries = [
        asyncio.create_task(
            use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "60.00", f"decision-{n}"))
        )
        for n in range(4)
    ]
    await until(shop.was_asked(2))
    assert shop.gate is not None
    shop.gate.set()
    answers = await asyncio.gather(*tries, return_exceptions=True)

    assert sum(isinstance(answer, OverAuthority) for answer in answers) == 2
    assert len(shop.done) == 2


async def test_the_same_key_again_pays_once_and_tells_once(house: House) -> None:
    conversation, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    shop = FakeShop()

    answers = await asyncio.gather(
        *(use_authority(house.context, shop, case_id, BEN, wanted(house, case_id)) for _ in range(4))
    )
    again = await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id))

    assert {use.reference for _, use in (*answers, again)} == {"F-1"}
    assert len(await steps(house, case_id)) == 1
    notices = [message.notice for message in await house.messages(conversation)]
    assert notices.count("authority_refund") == 1
    with pytest.raises(BadValue, match="another decision"):
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "12.00"))


async def test_an_answer_that_is_lost_is_uncertain_counts_and_is_settled_by_asking_again(house: House) -> None:
    case_id, shop = await owned(house), FakeShop(lost=1)

    _, use = await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "100.00"))
    assert use.status is UseStatus.UNCERTAIN
    with pytest.raises(OverAuthority):
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "60.00", "decision-2"))

    shop.trouble.append(unreachable())
    with pytest.raises(ShopUnreachable):
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "100.00"))
    (known,) = (await read_authority(house.context, FakeShop(), case_id, BEN)).uses
    assert known.status is UseStatus.UNCERTAIN, "that it cannot be reached now says nothing of the first time"

    _, settled = await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "100.00"))
    assert (settled.status, len(shop.done)) == (UseStatus.DONE, 1)
    assert [data["status"] for data in await steps(house, case_id)] == ["uncertain", "done"]


async def test_what_the_shop_refuses_or_never_heard_leaves_the_limit_whole(house: House) -> None:
    case_id = await owned(house)
    shop = FakeShop(trouble=[ShopRefused("no", reason="already_refunded"), unreachable()])

    with pytest.raises(ShopRefused):
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "100.00"))
    with pytest.raises(ShopRefused):
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "100.00"))
    with pytest.raises(ShopUnreachable):
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "150.00", "decision-2"))
    _, use = await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "150.00", "decision-2"))

    assert use.status is UseStatus.DONE
    assert len(await steps(house, case_id)) == 1


async def test_only_the_owner_decides_while_they_own_it_and_a_supervisor_may_help(house: House) -> None:
    _, case_id = await house.case()
    shop = FakeShop()
    with pytest.raises(WrongState):
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id))
    await case_steps.accept(house.context, case_id, BEN)
    with pytest.raises(NotOwner):
        await use_authority(house.context, shop, case_id, BEA, wanted(house, case_id))
    with pytest.raises(NotFound):
        await use_authority(house.context, shop, case_id, ANA, wanted(house, case_id))
    await use_authority(house.context, shop, case_id, GRACE, wanted(house, case_id, "900.00", agent_id=GRACE.id))
    await case_steps.resolve(
        house.context, case_id, BEN, disposition="solved", root_cause="carrier_late", outcome="Paid back"
    )
    with pytest.raises(CaseClosed):
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, "1.00", "decision-2"))


async def test_what_the_shop_did_is_written_down_even_if_the_case_was_closed_meanwhile(house: House) -> None:
    case_id = await owned(house)
    shop = FakeShop(gate=asyncio.Event())
    running = asyncio.create_task(use_authority(house.context, shop, case_id, BEN, wanted(house, case_id)))
    await until(shop.was_asked(1))
    await case_steps.resolve(
        house.context, case_id, BEN, disposition="solved", root_cause="carrier_late", outcome="Paid back"
    )
    assert shop.gate is not None
    shop.gate.set()

    _, use = await running

    assert use.status is UseStatus.DONE
    assert len(await steps(house, case_id)) == 1


async def test_a_visitor_is_known_to_the_shop_by_order_and_email(house: House) -> None:
    conversation = await house.begin(None)
    case_id = await house.hand_over(conversation)
    await case_steps.accept(house.context, case_id, BEN)
    shop = FakeShop()

    assert "visitor" in ((await read_authority(house.context, shop, case_id, BEN)).shop_problem or "")
    with pytest.raises(BadValue, match="visitor"):
        await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id))
    await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, email="elena@mail.example"))

    (request,) = shop.asked
    assert (request.customer_id, request.email) == (None, "elena@mail.example")


async def test_of_a_known_customer_nothing_of_anybody_else_is_reached(house: House) -> None:
    case_id, shop = await owned(house), FakeShop()
    await use_authority(house.context, shop, case_id, BEN, wanted(house, case_id, email="somebody@mail.example"))

    assert [(request.customer_id, request.email) for request in shop.asked] == [("C-1001", None)]


@pytest.mark.parametrize(("level", "limit"), [(1, "0.00"), (2, "60.00"), (3, "60.00"), (4, "500.00")])
def test_a_level_that_the_policy_leaves_out_has_the_limit_of_the_one_below(level: int, limit: str) -> None:
    assert limit_of({2: 60.0, 4: 500.0}, level) == Decimal(limit)


async def test_a_decision_names_what_it_is_about(house: House) -> None:
    case_id, shop = await owned(house), FakeShop()
    for incomplete in (
        wanted(house, case_id, sku=None),
        wanted(house, case_id, kind=AuthorityKind.FEE_WAIVER, charge_id=None, amount=Decimal("5.00")),
    ):
        with pytest.raises(BadValue):
            await use_authority(house.context, shop, case_id, BEN, incomplete)
    assert shop.asked == []


async def test_the_desk_sees_limits_even_while_the_shop_is_away(house: House) -> None:
    case_id = await owned(house)

    found = await read_authority(house.context, FakeShop(trouble=[unreachable()]), case_id, replace(BEN, level=2))

    assert found.limits[AuthorityKind.REFUND] == Decimal("300.00")
    assert found.options.items == ()
    assert "cannot be reached" in (found.shop_problem or "")

"""An agent's authority over HTTP, as docs/agent-api.md says (P4, P21)."""

from __future__ import annotations

from typing import Any

import pytest

from handoff.domain.audit import AuditFilter
from handoff.http import knowing_schemas as schemas
from handoff.http.authority import SHOP
from handoff.services.shop import unreachable
from handoff.store.audit import read_entries
from tests.handoff.cast import ANA, BEN
from tests.handoff.service import Desk, Service
from tests.handoff.services.test_authority import FakeShop

REFUND = {
    "key": "decision-0001",
    "kind": "refund",
    "amount": "39.00",
    "reason": "The kettle leaks",
    "order_number": "LH-10003",
    "sku": "KET-100",
}


@pytest.fixture
def shop(service: Service) -> FakeShop:
    """The company's systems, in this process."""
    fake = FakeShop()
    service.server.app._state[SHOP] = fake  # type: ignore[index]
    return fake


async def owned(service: Service) -> tuple[Desk, str]:
    ben = await service.agent(BEN)
    case_id = await service.case(await service.customer())
    await ben.post(f"/cases/{case_id}/accept")
    return ben, case_id


async def test_an_agent_sees_what_is_left_decides_and_sees_it_again(service: Service, shop: FakeShop) -> None:
    ben, case_id = await owned(service)

    done = schemas.AuthorityUsed.model_validate((await ben.post(f"/cases/{case_id}/authority", REFUND)).body)
    again = schemas.AuthorityUsed.model_validate((await ben.post(f"/cases/{case_id}/authority", REFUND)).body)
    seen = schemas.AuthorityAnswer.model_validate((await ben.get(f"/cases/{case_id}/authority")).body)

    assert (done.use.status, done.use.reference, done.use.amount) == ("done", "F-1", "39.00")
    assert again.use == done.use
    assert len(shop.asked) == 1
    refund = next(entry for entry in seen.kinds if entry.kind == "refund")
    assert (refund.limit, refund.used, refund.left) == ("150.00", "39.00", "111.00")
    assert [item.sku for item in seen.items] == ["KET-100"]
    assert (seen.uses, seen.problem) == ([done.use], None)
    async with service.parts.context.db.read() as db:
        (shown,) = await read_entries(db, AuditFilter(action="authority.read"), limit=10)
    assert (shown.actor.id, shown.object_id, shown.data) == (BEN.id, case_id, {"items": 1, "fees": len(seen.fees)})


async def test_above_the_limit_the_answer_names_the_level_that_may(service: Service, shop: FakeShop) -> None:
    ben, case_id = await owned(service)

    answer = await ben.post(f"/cases/{case_id}/authority", {**REFUND, "amount": "200"})

    assert (answer.status, answer.code) == (409, "over_authority")
    assert answer.body["error"]["data"] == {
        "kind": "refund",
        "limit": "150.00",
        "used": "0.00",
        "level": 2,
        "escalate": True,
    }
    assert shop.asked == []


async def test_a_shop_that_is_away_is_503_and_one_that_fell_silent_is_uncertain(
    service: Service, shop: FakeShop
) -> None:
    ben, case_id = await owned(service)
    shop.trouble.append(unreachable())

    away = await ben.post(f"/cases/{case_id}/authority", REFUND)
    shop.lost = 1
    silent = await ben.post(f"/cases/{case_id}/authority", REFUND)
    settled = await ben.post(f"/cases/{case_id}/authority", REFUND)

    assert (away.status, away.code) == (503, "shop_unreachable")
    assert [answer.body["use"]["status"] for answer in (silent, settled)] == ["uncertain", "done"]
    assert len(shop.done) == 1


@pytest.mark.parametrize("amount", ["0", "-5", "39.001", "NaN", "Infinity", "1e9", "much", ""])
async def test_what_is_no_sum_is_refused(service: Service, shop: FakeShop, amount: str) -> None:
    ben, case_id = await owned(service)

    answer = await ben.post(f"/cases/{case_id}/authority", {**REFUND, "amount": amount})

    assert (answer.status, answer.code) == (422, "bad_value")
    assert shop.asked == []


async def test_a_case_of_other_queues_is_not_there(service: Service, shop: FakeShop) -> None:
    _, case_id = await owned(service)
    ana: Any = await service.agent(ANA)

    assert (await ana.get(f"/cases/{case_id}/authority")).code == "not_found"
    assert (await ana.post(f"/cases/{case_id}/authority", REFUND)).code == "not_found"
    assert shop.asked == []

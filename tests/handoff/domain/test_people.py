"""Who sees which queues."""

from __future__ import annotations

from handoff.contract import Category
from tests.handoff.cast import ANA, BEN, GRACE, IMANI, OMAR


def test_an_agent_sees_the_queues_they_serve() -> None:
    assert set(ANA.visible_queues()) == {Category.BILLING, Category.GENERAL}
    assert set(BEN.visible_queues()) == {Category.ORDERS_DELIVERY, Category.RETURNS_REFUNDS}


def test_supervisors_and_admins_see_every_queue_in_one_order() -> None:
    assert GRACE.visible_queues() == OMAR.visible_queues() == tuple(Category)


def test_editors_see_no_cases() -> None:
    assert IMANI.visible_queues() == ()
    assert not IMANI.works_cases

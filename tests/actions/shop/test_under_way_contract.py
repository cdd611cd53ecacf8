"""What every shop behind the port promises of things under way: money, returns, deliveries, the plan, repairs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from actions.shop.errors import GiftCardNotFound, NotAllowed, NotYours, OrderNotFound, Refusal
from actions.shop.model import OrderState, PlanState, RefundKind, RepairState, ReturnState
from actions.shop.port import Shop

MAYA, TOM, PRIYA, JONAS, ELENA = "C-1001", "C-1002", "C-1003", "C-1004", "C-1005"
Rows = Callable[[str], int]


async def refused(call: object) -> Refusal:
    with pytest.raises(NotAllowed) as caught:
        await call  # type: ignore[misc]
    return caught.value.reason


async def test_a_refund_is_seen_with_the_day_it_was_sent_and_the_day_it_arrives(shop: Shop) -> None:
    (money,) = await shop.money_back(ELENA)
    assert (money.order_number, money.product, money.amount) == ("LH-10042", "table lamp", Decimal("24.50"))
    assert (money.kind, money.sent_on, money.arrives_by) == (
        RefundKind.REFUND,
        date(2026, 11, 21),
        date(2026, 11, 30),
    )


async def test_money_that_is_paid_back_or_set_free_is_seen_at_once_the_latest_first(shop: Shop) -> None:
    await shop.cancel_order(MAYA, "LH-10002", idempotency_key="k1")
    await shop.refund(MAYA, "LH-10003", "KET-100", Decimal("39.00"), "broken", idempotency_key="k2")
    seen = [(money.order_number, money.kind, money.amount) for money in await shop.money_back(MAYA)]
    assert seen == [
        ("LH-10003", RefundKind.REFUND, Decimal("39.00")),
        ("LH-10002", RefundKind.CANCELLATION, Decimal("108.00")),
        ("LH-10005", RefundKind.CANCELLATION, Decimal("65.00")),
    ]


async def test_a_return_is_registered_then_received_then_refunded(shop: Shop) -> None:
    (registered,) = await shop.returns(TOM)
    assert (registered.state, registered.product, registered.received_on) == (
        ReturnState.REGISTERED,
        "table lamp",
        None,
    )
    (received,) = await shop.returns(PRIYA)
    assert (received.state, received.received_on, received.refund_by) == (
        ReturnState.RECEIVED,
        date(2026, 11, 21),
        date(2026, 11, 30),
    )
    await shop.refund(PRIYA, "LH-10022", "HDP-300", Decimal("79.00"), "too tight", idempotency_key="k")
    assert [found.state for found in await shop.returns(PRIYA)] == [ReturnState.REFUNDED]


async def test_only_ones_own_money_and_returns_are_seen(shop: Shop) -> None:
    assert await shop.money_back(TOM) == ()
    assert await shop.returns(MAYA) == ()


async def test_a_return_that_is_called_off_is_gone_and_may_be_registered_anew(shop: Shop) -> None:
    off = [await shop.cancel_return(TOM, "LH-10014", "LMP-020", idempotency_key="m1") for _ in range(2)]
    assert off[0] == off[1], "the same key again gets the first answer, though there is no such return any more"
    assert await shop.returns(TOM) == ()
    assert await refused(shop.cancel_return(TOM, "LH-10014", "LMP-020", idempotency_key="m2")) is Refusal.NO_RETURN
    label = await shop.return_item(TOM, "LH-10014", "LMP-020", "too dark after all", idempotency_key="m3")
    assert label.number != off[0].number
    assert [found.number for found in await shop.returns(TOM)] == [label.number]


async def test_a_parcel_that_has_arrived_cannot_be_called_back(shop: Shop, rows: Rows) -> None:
    received = shop.cancel_return(PRIYA, "LH-10022", "HDP-300", idempotency_key="k1")
    assert await refused(received) is Refusal.RETURN_RECEIVED
    with pytest.raises(NotYours):
        await shop.cancel_return(MAYA, "LH-10014", "LMP-020", idempotency_key="k2")
    assert await refused(shop.cancel_return(TOM, "LH-10014", "KET-100", idempotency_key="k3")) is Refusal.NO_RETURN
    unknown = shop.cancel_return(TOM, "LH-10014", "TEL-550", idempotency_key="k4")
    assert await refused(unknown) is Refusal.ITEM_NOT_IN_ORDER
    assert rows("effects") == 0


async def test_a_delivery_may_be_moved_to_a_later_working_day_within_four_weeks(shop: Shop) -> None:
    days = await shop.delivery_days(MAYA, "LH-10002")  # promised for Saturday 28 November
    assert (days[0], days[-1]) == (date(2026, 11, 30), date(2026, 12, 21))
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}
    moved = [await shop.move_delivery(MAYA, "LH-10002", days[2], idempotency_key="m1") for _ in range(2)]
    assert moved[0] == moved[1]
    assert moved[0].delivery.expected_on == (await shop.order(MAYA, "LH-10002")).delivery.expected_on == days[2]


async def test_a_large_item_comes_on_saturdays_too(shop: Shop) -> None:
    days = await shop.delivery_days(PRIYA, "LH-10023")
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4, 5}


async def test_a_delivery_is_not_moved_to_a_day_on_which_nothing_is_delivered(shop: Shop) -> None:
    for day in (date(2026, 11, 27), date(2026, 12, 5), date(2027, 1, 20)):
        call = shop.move_delivery(MAYA, "LH-10002", day, idempotency_key=str(day))
        assert await refused(call) is Refusal.DAY_UNAVAILABLE


@pytest.mark.parametrize(
    ("customer", "number", "reason"),
    [
        (MAYA, "LH-10003", Refusal.ALREADY_DELIVERED),
        (MAYA, "LH-10005", Refusal.ALREADY_CANCELLED),
        (TOM, "LH-10010", Refusal.TOO_LATE_TO_MOVE),  # tomorrow, in less than 24 hours
        (JONAS, "LH-10030", Refusal.TOO_LATE_TO_MOVE),  # overdue
    ],
)
async def test_a_delivery_that_is_over_or_near_is_not_moved(
    shop: Shop, customer: str, number: str, reason: Refusal
) -> None:
    assert await refused(shop.delivery_days(customer, number)) is reason
    assert await refused(shop.move_delivery(customer, number, date(2026, 12, 1), idempotency_key="k")) is reason


async def test_somebody_elses_delivery_is_neither_shown_nor_moved(shop: Shop, rows: Rows) -> None:
    with pytest.raises(NotYours):
        await shop.delivery_days(MAYA, "LH-10011")
    with pytest.raises(NotYours):
        await shop.move_delivery(MAYA, "LH-10011", date(2026, 12, 1), idempotency_key="k1")
    with pytest.raises(OrderNotFound):
        await shop.move_delivery(MAYA, "LH-99999", date(2026, 12, 1), idempotency_key="k2")
    assert rows("effects") == 0


async def test_a_delivery_moved_by_many_at_once_with_one_key_is_moved_once(shop: Shop, rows: Rows) -> None:
    day = date(2026, 12, 1)
    await asyncio.gather(*(shop.move_delivery(MAYA, "LH-10002", day, idempotency_key="m1") for _ in range(5)))
    assert rows("effects") == 1


async def test_a_confirmation_goes_to_the_address_on_file_once(shop: Shop, rows: Rows) -> None:
    sent = [await shop.send_confirmation(MAYA, "LH-10005", idempotency_key="m1") for _ in range(2)]
    assert sent[0] == sent[1]
    assert sent[0].masked_email == "m***@mail.example"
    assert rows("outbox") == 1
    with pytest.raises(NotYours):
        await shop.send_confirmation(MAYA, "LH-10010", idempotency_key="m2")


async def test_a_paused_plan_goes_on_at_once_and_once(shop: Shop) -> None:
    assert (await shop.plan(JONAS)).paused_from == date(2026, 11, 3)
    plan = await shop.resume_plan(JONAS, idempotency_key="m1")
    assert (plan.state, plan.next_payment_on, plan.paused_until) == (PlanState.ACTIVE, date(2026, 11, 23), None)
    assert await shop.resume_plan(JONAS, idempotency_key="m1") == plan
    assert await refused(shop.resume_plan(JONAS, idempotency_key="m2")) is Refusal.PLAN_RUNNING


async def test_a_pause_that_has_not_begun_is_dropped_without_paying_twice(shop: Shop) -> None:
    paused = await shop.pause_plan(MAYA, 2, idempotency_key="k1")
    assert paused.paused_from == date(2026, 12, 5)
    assert (await shop.resume_plan(MAYA, idempotency_key="k2")).next_payment_on == date(2026, 12, 5)


async def test_an_ending_is_taken_back_until_its_last_day(shop: Shop) -> None:
    ended = await shop.end_plan(TOM, idempotency_key="k1")
    plan = await shop.resume_plan(TOM, idempotency_key="k2")
    assert (plan.state, plan.ends_on, plan.next_payment_on) == (PlanState.ACTIVE, None, date(2026, 11, 26))
    assert ended.ends_on == date(2026, 11, 25)
    assert await refused(shop.resume_plan(ELENA, idempotency_key="k3")) is Refusal.NO_PLAN


async def test_repairs_to_come_are_told_before_finished_ones(shop: Shop) -> None:
    (visit,) = await shop.repairs(PRIYA)
    assert (visit.device, visit.state, visit.on) == ("dishwasher", RepairState.VISIT, date(2026, 11, 26))
    assert [repair.state for repair in await shop.repairs(TOM)] == [RepairState.WORKSHOP]
    booked = await shop.book_repair(JONAS, "washing machine", idempotency_key="k")
    states = [(repair.number, repair.state) for repair in await shop.repairs(JONAS)]
    assert states[0] == (booked.number, RepairState.VISIT)
    assert states[1][1] is RepairState.FINISHED
    assert await shop.repairs(ELENA) == ()


async def test_a_product_is_found_by_its_words_or_its_number_the_best_fit_first(shop: Shop) -> None:
    assert [product.name for product in await shop.find_products("kettle")] == ["kettle", "glass kettle"]
    assert [product.sku for product in await shop.find_products("the glass kettle")] == ["KET-120"]
    (laptop,) = await shop.find_products("LAP-140")
    assert (laptop.name, laptop.price, laptop.in_stock) == ("14-inch laptop", Decimal("699.00"), 2)
    assert await shop.find_products("hang-glider") == ()


async def test_what_is_sold_out_says_when_more_come_if_that_is_known(shop: Shop) -> None:
    (blender,) = await shop.find_products("hand blender")
    assert (blender.in_stock, blender.back_on) == (0, date(2026, 11, 29))
    (printer,) = await shop.find_products("printer")
    assert (printer.in_stock, printer.back_on) == (0, None)


async def test_what_is_ordered_more_of_is_no_longer_in_stock(shop: Shop) -> None:
    (before,) = await shop.find_products("LMP-020")
    await shop.change_order_quantity(MAYA, "LH-10002", "LMP-020", 5, idempotency_key="k")
    (after,) = await shop.find_products("LMP-020")
    assert before.in_stock - after.in_stock == 3


async def test_whoever_has_a_gift_cards_number_may_ask_for_its_balance(shop: Shop) -> None:
    card = await shop.gift_card("LHGC-2046-7713-5082")
    assert (card.balance, card.valid_until) == (Decimal("35.50"), date(2027, 12, 28))
    with pytest.raises(GiftCardNotFound):
        await shop.gift_card("LHGC-0000-0000-0000")


async def test_a_cancelled_order_stays_cancelled_when_its_delivery_is_asked_to_move(shop: Shop) -> None:
    await shop.cancel_order(MAYA, "LH-10002", idempotency_key="k1")
    moved = shop.move_delivery(MAYA, "LH-10002", date(2026, 12, 1), idempotency_key="k2")
    assert await refused(moved) is Refusal.ALREADY_CANCELLED
    assert (await shop.order(MAYA, "LH-10002")).state is OrderState.CANCELLED

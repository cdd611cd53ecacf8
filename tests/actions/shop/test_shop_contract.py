"""What every shop behind the port promises: ownership, its rules, and changes that happen exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from actions.shop.errors import (
    ChargeNotFound,
    CustomerNotFound,
    InvoiceNotFound,
    NotAllowed,
    NotYours,
    OrderNotFound,
    Refusal,
)
from actions.shop.model import ChargeKind, OrderState, PlanState, ProblemKind, Remedy
from actions.shop.port import Shop

MAYA, TOM, PRIYA, JONAS, ELENA = "C-1001", "C-1002", "C-1003", "C-1004", "C-1005"
Rows = Callable[[str], int]


async def refused(call: object) -> Refusal:
    with pytest.raises(NotAllowed) as caught:
        await call  # type: ignore[misc]
    return caught.value.reason


async def test_a_customer_sees_their_orders_the_latest_first(shop: Shop) -> None:
    orders = await shop.orders(MAYA)
    assert [order.number for order in orders][:2] == ["LH-10002", "LH-10001"]
    assert {order.state for order in orders} == set(OrderState) - {OrderState.PACKED}


async def test_an_order_that_does_not_exist_is_told_apart_from_one_of_somebody_else(shop: Shop) -> None:
    with pytest.raises(OrderNotFound):
        await shop.order(MAYA, "LH-99999")
    with pytest.raises(NotYours):
        await shop.order(MAYA, "LH-10010")


async def test_a_visitor_is_found_by_order_and_email_and_never_by_one_of_them(shop: Shop) -> None:
    assert (await shop.customer_by_order("LH-10040", "Elena.Rossi@mail.example")).id == ELENA
    for number, email in (("LH-10040", "maya.lind@mail.example"), ("LH-99999", "elena.rossi@mail.example")):
        with pytest.raises(CustomerNotFound):
            await shop.customer_by_order(number, email)
    assert (await shop.customer_by_invoice("INV-2026-0001", "maya.lind@mail.example")).id == MAYA
    with pytest.raises(CustomerNotFound):
        await shop.customer_by_invoice("INV-2026-0001", "tom.becker@mail.example")


async def test_a_late_parcel_says_by_how_many_days(shop: Shop) -> None:
    order = await shop.order(JONAS, "LH-10030")
    assert order.delivery.days_late(date(2026, 11, 23)) == 6
    assert (await shop.order(MAYA, "LH-10001")).delivery.days_late(date(2026, 11, 23)) == 0


async def test_an_order_that_has_not_shipped_is_cancelled_and_its_money_given_back(shop: Shop) -> None:
    done = await shop.cancel_order(MAYA, "LH-10002", idempotency_key="m1:cancel")
    assert done.amount_back == Decimal("108.00")
    assert done.back_by == date(2026, 11, 30)
    assert (await shop.order(MAYA, "LH-10002")).state is OrderState.CANCELLED


@pytest.mark.parametrize(
    ("customer", "number", "reason"),
    [
        (MAYA, "LH-10001", Refusal.ALREADY_SHIPPED),
        (MAYA, "LH-10003", Refusal.ALREADY_DELIVERED),
        (MAYA, "LH-10005", Refusal.ALREADY_CANCELLED),
    ],
)
async def test_an_order_that_left_cannot_be_cancelled_or_changed(
    shop: Shop, customer: str, number: str, reason: Refusal
) -> None:
    assert await refused(shop.cancel_order(customer, number, idempotency_key="k1")) is reason
    address = shop.change_order_address(customer, number, "1 New Road, Leeds", idempotency_key="k2")
    assert await refused(address) is reason


async def test_somebody_elses_order_can_neither_be_cancelled_nor_refunded(shop: Shop, rows: Rows) -> None:
    with pytest.raises(NotYours):
        await shop.cancel_order(MAYA, "LH-10011", idempotency_key="k1")
    with pytest.raises(NotYours):
        await shop.refund(TOM, "LH-10003", "KET-100", Decimal("39.00"), "broken", idempotency_key="k2")
    assert rows("effects") == 0


async def test_the_address_of_an_order_changes_until_it_ships(shop: Shop) -> None:
    order = await shop.change_order_address(TOM, "LH-10013", "9 Quay St, Bristol, BS1 4QD", idempotency_key="k")
    assert order.address == "9 Quay St, Bristol, BS1 4QD"


async def test_a_quantity_changes_until_the_order_is_packed_and_while_there_is_stock(shop: Shop) -> None:
    order = await shop.change_order_quantity(MAYA, "LH-10002", "LMP-020", 3, idempotency_key="k1")
    assert {line.sku: line.quantity for line in order.lines} == {"LMP-020": 3, "SPK-110": 1}
    too_many = shop.change_order_quantity(MAYA, "LH-10002", "LMP-020", 500, idempotency_key="k2")
    assert await refused(too_many) is Refusal.QUANTITY_UNAVAILABLE
    packed = shop.change_order_quantity(TOM, "LH-10013", "TST-040", 2, idempotency_key="k3")
    assert await refused(packed) is Refusal.ALREADY_PACKED
    unknown = shop.change_order_quantity(MAYA, "LH-10002", "KET-100", 2, idempotency_key="k4")
    assert await refused(unknown) is Refusal.ITEM_NOT_IN_ORDER


async def test_a_refund_asked_for_twice_with_one_key_is_paid_once(shop: Shop, rows: Rows) -> None:
    async def ask() -> object:
        return await shop.refund(MAYA, "LH-10003", "KET-100", Decimal("39.00"), "broken", idempotency_key="m1:refund")

    assert await ask() == await ask()
    assert rows("refunds") == 1


async def test_a_refund_asked_for_by_many_at_once_with_one_key_is_paid_once(shop: Shop, rows: Rows) -> None:
    calls = [
        shop.refund(MAYA, "LH-10003", "KET-100", Decimal("39.00"), "broken", idempotency_key="m1:refund")
        for _ in range(6)
    ]
    assert len({refund.number for refund in await asyncio.gather(*calls)}) == 1
    assert rows("refunds") == 1


async def test_a_second_refund_of_the_same_item_is_refused(shop: Shop, rows: Rows) -> None:
    await shop.refund(MAYA, "LH-10003", "KET-100", Decimal("39.00"), "broken", idempotency_key="m1:refund")
    assert await refused(shop.quote_refund(MAYA, "LH-10003", "KET-100")) is Refusal.ALREADY_REFUNDED
    again = shop.refund(MAYA, "LH-10003", "KET-100", Decimal("39.00"), "broken", idempotency_key="m2:refund")
    assert await refused(again) is Refusal.ALREADY_REFUNDED
    assert rows("refunds") == 1


async def test_a_refund_is_never_more_than_was_paid(shop: Shop, rows: Rows) -> None:
    for amount in ("39.01", "0.00", "-5.00"):
        call = shop.refund(MAYA, "LH-10003", "KET-100", Decimal(amount), "broken", idempotency_key=amount)
        assert await refused(call) is Refusal.ALREADY_REFUNDED
    assert rows("refunds") == 0


async def test_a_refund_quote_counts_what_was_paid_back_for_the_order_before(shop: Shop) -> None:
    await shop.refund(ELENA, "LH-10040", "TST-040", Decimal("34.50"), "scratched", idempotency_key="k")
    quote = await shop.quote_refund(ELENA, "LH-10040", "BLN-050")
    assert (quote.amount, quote.refunded_before) == (Decimal("27.00"), Decimal("34.50"))


async def test_what_has_not_arrived_or_arrived_long_ago_is_not_refunded_or_returned(shop: Shop) -> None:
    assert await refused(shop.quote_refund(MAYA, "LH-10001", "VAC-200")) is Refusal.NOT_DELIVERED
    assert await refused(shop.quote_refund(TOM, "LH-10012", "HUB-001")) is Refusal.RETURN_WINDOW_OVER
    late = shop.return_item(TOM, "LH-10012", "HUB-001", "too late", idempotency_key="k")
    assert await refused(late) is Refusal.RETURN_WINDOW_OVER


async def test_a_return_registered_again_gives_the_first_label(shop: Shop, rows: Rows) -> None:
    first = await shop.return_item(MAYA, "LH-10004", "TEL-550", "too big", idempotency_key="m1")
    again = await shop.return_item(MAYA, "LH-10004", "TEL-550", "changed my mind", idempotency_key="m2")
    assert first == again
    assert first.send_by == date(2026, 12, 15)
    assert rows("returns") == 1


async def test_a_damaged_item_in_stock_is_replaced_and_one_out_of_stock_is_followed_up(shop: Shop) -> None:
    toaster = await shop.report_problem(
        ELENA, "LH-10040", "TST-040", ProblemKind.DAMAGED, "lever broken", idempotency_key="k1"
    )
    blender = await shop.report_problem(
        ELENA, "LH-10040", "BLN-050", ProblemKind.MISSING, "not in the box", idempotency_key="k2"
    )
    assert (toaster.remedy, toaster.by) == (Remedy.REPLACEMENT, date(2026, 11, 26))
    assert (blender.remedy, blender.by) == (Remedy.INVESTIGATION, date(2026, 11, 30))


async def test_a_problem_with_an_order_that_is_still_on_its_way_is_refused(shop: Shop) -> None:
    report = shop.report_problem(MAYA, "LH-10001", "VAC-200", ProblemKind.DAMAGED, "cannot be", idempotency_key="k")
    assert await refused(report) is Refusal.NOT_DELIVERED


async def test_an_invoice_goes_to_the_address_on_file_once(shop: Shop, rows: Rows) -> None:
    sent = [await shop.send_invoice(MAYA, "INV-2026-0001", idempotency_key="m1") for _ in range(2)]
    assert sent[0].masked_email == "m***@mail.example"
    assert sent[0] == sent[1]
    assert rows("outbox") == 1
    with pytest.raises(InvoiceNotFound):
        await shop.send_invoice(TOM, "INV-2026-0001", idempotency_key="m2")


async def test_a_purchase_with_a_hold_shows_twice_among_the_charges(shop: Shop) -> None:
    kinds = [charge.kind for charge in await shop.charges(MAYA) if charge.amount == Decimal("189.00")]
    assert sorted(kinds) == [ChargeKind.HOLD, ChargeKind.ORDER]


async def test_a_new_address_is_kept_and_announced_to_the_old_mail(shop: Shop, rows: Rows) -> None:
    changed = await shop.change_address(MAYA, "2 Elm Grove, Leeds, LS8 1AA", idempotency_key="k")
    assert changed.address == (await shop.customer(MAYA)).address == "2 Elm Grove, Leeds, LS8 1AA"
    assert rows("outbox") == 1


async def test_an_access_link_says_nothing_about_whether_the_account_exists(shop: Shop, rows: Rows) -> None:
    await shop.send_access_link("nobody@mail.example", idempotency_key="k1")
    assert rows("outbox") == 0
    await shop.send_access_link("MAYA.LIND@mail.example", idempotency_key="k2")
    await shop.send_access_link("MAYA.LIND@mail.example", idempotency_key="k2")
    assert rows("outbox") == 1


async def test_a_plan_is_paused_from_its_next_payment_on(shop: Shop) -> None:
    plan = await shop.pause_plan(MAYA, 2, idempotency_key="k1")
    assert (plan.state, plan.paused_until) == (PlanState.PAUSED, date(2027, 2, 5))
    assert await refused(shop.pause_plan(MAYA, 1, idempotency_key="k2")) is Refusal.PLAN_PAUSED


async def test_a_plan_that_ends_covers_what_was_paid_for(shop: Shop) -> None:
    plan = await shop.end_plan(TOM, idempotency_key="k1")
    assert (plan.state, plan.ends_on) == (PlanState.ENDING, date(2026, 11, 25))
    assert await refused(shop.end_plan(TOM, idempotency_key="k2")) is Refusal.PLAN_ENDED
    assert (await shop.end_plan(JONAS, idempotency_key="k3")).ends_on == date(2026, 11, 23)


async def test_a_customer_without_a_plan_is_told_so(shop: Shop) -> None:
    assert await refused(shop.plan(ELENA)) is Refusal.NO_PLAN
    assert await refused(shop.end_plan(ELENA, idempotency_key="k")) is Refusal.NO_PLAN


async def test_a_repair_is_booked_once(shop: Shop, rows: Rows) -> None:
    visits = [await shop.book_repair(MAYA, "kettle", idempotency_key="m1") for _ in range(2)]
    assert visits[0] == visits[1]
    assert visits[0].on == date(2026, 11, 26)
    assert rows("repair_visits") == 1


async def test_delivery_takes_longer_to_the_islands_and_does_not_reach_jersey(shop: Shop) -> None:
    mainland = {option.name: option for option in await shop.delivery_options("LS6 2AB")}
    islands = {option.name: option for option in await shop.delivery_options("ZE1 0AA")}
    assert mainland["Standard delivery"].earliest_on == date(2026, 11, 26)
    assert islands["Standard delivery"].earliest_on == date(2026, 12, 1)
    assert "Collection from a parcel shop" not in islands
    assert await refused(shop.delivery_options("JE2 3AB")) is Refusal.AREA_NOT_SERVED


async def test_a_customer_has_the_devices_that_were_delivered(shop: Shop) -> None:
    assert {device.kind for device in await shop.devices(MAYA)} == {"kettle", "television"}


async def test_a_credit_is_given_once(shop: Shop, rows: Rows) -> None:
    given = [await shop.credit(MAYA, Decimal("20.00"), "a long wait", idempotency_key="k1") for _ in range(3)]
    assert given[0] == given[1] == given[2]
    assert given[0].amount == Decimal("20.00")
    assert rows("credits") == 1
    with pytest.raises(CustomerNotFound):
        await shop.credit("C-9999", Decimal("20.00"), "nobody", idempotency_key="k2")


async def test_a_fee_is_waived_once_and_never_for_more_than_it_was(shop: Shop, rows: Rows) -> None:
    fee = next(charge for charge in await shop.charges(MAYA) if charge.kind in (ChargeKind.DELIVERY, ChargeKind.PLAN))
    part = Decimal("1.00")
    first = await shop.waive_fee(MAYA, fee.id, part, "came late", idempotency_key="k1")
    assert first == await shop.waive_fee(MAYA, fee.id, part, "came late", idempotency_key="k1")
    assert (first.charge_id, first.amount, first.arrives_by) == (fee.id, part, date(2026, 11, 30))
    assert await refused(shop.waive_fee(MAYA, fee.id, fee.amount, "all", idempotency_key="k2")) is (
        Refusal.ALREADY_REFUNDED
    )
    await shop.waive_fee(MAYA, fee.id, fee.amount - part, "the rest", idempotency_key="k3")
    assert rows("fee_waivers") == 2


async def test_neither_a_purchase_nor_somebody_elses_fee_can_be_waived(shop: Shop, rows: Rows) -> None:
    purchase = next(charge for charge in await shop.charges(MAYA) if charge.kind is ChargeKind.ORDER)
    fee = next(charge for charge in await shop.charges(MAYA) if charge.kind in (ChargeKind.DELIVERY, ChargeKind.PLAN))
    for customer, charge_id in ((MAYA, purchase.id), (TOM, fee.id), (MAYA, "no-such-charge")):
        with pytest.raises(ChargeNotFound):
            await shop.waive_fee(customer, charge_id, Decimal("1.00"), "no", idempotency_key=f"{customer}{charge_id}")
    assert rows("fee_waivers") == 0

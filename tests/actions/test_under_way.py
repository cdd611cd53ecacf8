"""Money, returns, deliveries, the plan, guarantee, repairs and stock: what is told, refused, asked and handed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actions.catalogue import CheckStock, GiftCardBalance, GiftCardForm, StockForm
from actions.deliveries import Reschedule, RescheduleForm
from actions.money_back import (
    CancelReturn,
    CancelReturnForm,
    RefundStatus,
    RefundStatusForm,
    ReturnStatus,
    ReturnStatusForm,
)
from actions.order_history import ConfirmationForm, ListOrders
from actions.plan import PlanStatus, ResumePlanForm
from actions.repairs import Guarantee, GuaranteeForm, RepairStatus, RepairStatusForm
from actions.self_service import ActionInform
from actions.services import Services
from actions.shop.sqlite_database import ShopDatabase
from actions.shop.sqlite_shop import SqliteShop
from tests.actions.self_service_cast import MAYA, Stage

TOM: dict[str, Any] = {**MAYA, "id": "C-1002", "name": "Tom Becker"}
PRIYA: dict[str, Any] = {**MAYA, "id": "C-1003", "name": "Priya Shah"}
JONAS: dict[str, Any] = {**MAYA, "id": "C-1004", "name": "Jonas Weber"}
ELENA: dict[str, Any] = {**MAYA, "id": "C-1005", "name": "Elena Rossi"}


def known(customer: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The slots of a form that has found out whose request it is."""
    return {"form_data": {"customer_id": customer["id"]}, **more}


def later(services: Services, shop_file: Path, day: datetime) -> Services:
    """The same shop on another day."""
    return replace(services, shop=SqliteShop(shop_file, lambda: day), now=lambda: day)


async def test_the_only_refund_under_way_is_told_without_asking_which(services: Services) -> None:
    found = await Stage("where is my refund", "refund_status", customer=ELENA).starts(RefundStatusForm(services))
    assert (found.responses, found.slots["order_number"]) == ([], "LH-10042")
    told = await Stage("where is my refund", slots=found.slots, customer=ELENA).run(RefundStatus(services))
    assert told.responses == ["utter_money_sent"]
    assert told.said[0]["amount"] == "£24.50"


async def test_money_that_should_have_arrived_is_offered_to_be_traced(services: Services) -> None:
    slots = known(JONAS, order_number="LH-10032")
    assert (await Stage(slots=slots).run(RefundStatus(services))).responses == ["utter_money_sent_overdue"]


async def test_money_that_waits_for_a_parcel_or_its_check_says_for_what_it_waits(services: Services) -> None:
    waiting = await Stage(slots=known(TOM, order_number="LH-10014")).run(RefundStatus(services))
    assert waiting.responses == ["utter_money_after_parcel"]
    checked = await Stage(slots=known(PRIYA, order_number="LH-10022")).run(RefundStatus(services))
    assert checked.responses == ["utter_money_after_check"]
    assert checked.said[0]["until"] == "Monday 30 November"


async def test_the_money_of_an_order_just_cancelled_is_the_one_that_is_asked_about(services: Services) -> None:
    await services.shop.cancel_order("C-1001", "LH-10002", idempotency_key="k")
    found = await Stage("when is my money free again", "refund_status").starts(RefundStatusForm(services))
    assert found.slots["order_number"] == "LH-10002", "and not LH-10005, whose money has been free for weeks"
    assert (await Stage(slots=found.slots).run(RefundStatus(services))).responses == ["utter_money_set_free"]


async def test_whoever_waits_for_no_money_is_told_so_also_after_talk_of_another_order(services: Services) -> None:
    await services.shop.cancel_return("C-1002", "LH-10014", "LMP-020", idempotency_key="k")
    stage = Stage("where is my refund", "refund_status", slots={"order_number": "LH-10010"}, customer=TOM)
    assert (await stage.starts(RefundStatusForm(services))).responses == ["utter_money_none"]
    named = Stage("refund of LH-10012?", "refund_status", entities={"order_number": "LH-10012"}, customer=TOM)
    found = await named.starts(RefundStatusForm(services))
    told = await Stage(slots=found.slots, customer=TOM).run(RefundStatus(services))
    assert told.responses == ["utter_money_none_for_order"]


async def test_another_customers_refund_or_return_is_not_shown(services: Services) -> None:
    for form, intent in ((RefundStatusForm, "refund_status"), (ReturnStatusForm, "return_status")):
        stage = Stage("what about LH-10042", intent, entities={"order_number": "LH-10042"})
        assert (await stage.starts(form(services))).responses[0] == "utter_order_not_yours"


async def test_a_visitor_proves_whose_return_it_is(services: Services) -> None:
    stage = Stage("did my return arrive", "return_status", customer=None)
    assert (await stage.starts(ReturnStatusForm(services))).responses == ["utter_question_order_number"]


@pytest.mark.parametrize(
    ("customer", "number", "response"),
    [
        (TOM, "LH-10014", "utter_return_registered"),
        (PRIYA, "LH-10022", "utter_return_received"),
        (MAYA, "LH-10003", "utter_return_none_for_order"),
    ],
)
async def test_a_return_is_told_as_far_as_it_has_got(
    services: Services, customer: dict[str, Any], number: str, response: str
) -> None:
    run = await Stage(slots=known(customer, order_number=number)).run(ReturnStatus(services))
    assert run.responses == [response]


async def test_a_return_is_called_off_once_however_often_the_message_comes(services: Services) -> None:
    slots = known(TOM, order_number="LH-10014", item="LMP-020", confirm_keep=True)
    stage = Stage("yes", "affirm", slots=slots, customer=TOM)
    first, again = await stage.run(CancelReturn(services)), await stage.run(CancelReturn(services))
    assert first.said == again.said
    assert first.responses == ["utter_return_cancelled"]


async def test_a_return_goes_on_after_a_no(services: Services) -> None:
    slots = known(TOM, order_number="LH-10014", item="LMP-020", confirm_keep=False)
    run = await Stage("no", "deny", slots=slots, customer=TOM).run(CancelReturn(services))
    assert run.responses == ["utter_return_goes_on"]
    assert len(await services.shop.returns("C-1002")) == 1


async def test_a_return_that_cannot_be_called_off_is_refused_before_it_is_confirmed(services: Services) -> None:
    arrived = Stage("keep LH-10022", "cancel_return", entities={"order_number": "LH-10022"}, customer=PRIYA)
    assert (await arrived.starts(CancelReturnForm(services))).responses == ["utter_refused_return_received"]
    none = Stage("keep LH-10003", "cancel_return", entities={"order_number": "LH-10003"})
    assert (await none.starts(CancelReturnForm(services))).responses == ["utter_refused_no_return"]
    nothing = await Stage("cancel my return", "cancel_return").starts(CancelReturnForm(services))
    assert nothing.responses == ["utter_return_none_to_cancel"]


async def test_of_two_returns_in_one_order_the_named_one_is_called_off(services: Services) -> None:
    await services.shop.return_item("C-1002", "LH-10014", "KET-100", "too loud", idempotency_key="k")
    named = await Stage("I'm keeping the kettle", "cancel_return", customer=TOM).starts(CancelReturnForm(services))
    assert named.responses == ["utter_question_confirm_keep"]
    assert named.slots["item"] == "KET-100"
    asked = await Stage("cancel my return", "cancel_return", customer=TOM).starts(CancelReturnForm(services))
    assert asked.responses == ["utter_question_item"]


async def test_a_day_in_the_first_sentence_is_taken_unless_it_is_one_when_nobody_is_in(services: Services) -> None:
    entities = {"order_number": "LH-10002"}
    wanted = await Stage("move LH-10002 to 1 December", "reschedule_delivery", entities=entities).starts(
        RescheduleForm(services)
    )
    assert wanted.responses == ["utter_question_confirm_day"]
    assert wanted.said[0]["day"] == "Tuesday 1 December"
    away = await Stage("I'm away on 1 December, move LH-10002", "reschedule_delivery", entities=entities).starts(
        RescheduleForm(services)
    )
    assert away.responses == ["utter_question_delivery_day"]
    assert [button["title"] for button in away.said[0]["buttons"]][:2] == ["Monday 30 November", "Tuesday 1 December"]


async def test_a_day_without_deliveries_is_declined_with_the_days_that_are_possible(services: Services) -> None:
    slots: dict[str, Any] = {"requested_slot": "delivery_day", "order_number": "LH-10002"}
    slots["form_data"] = {"customer_id": "C-1001", "order_number": "LH-10002"}
    run = await Stage("on Saturday 5 December", slots=slots, active="reschedule_form").run(RescheduleForm(services))
    assert run.responses == ["utter_day_not_possible", "utter_question_delivery_day"]
    assert (run.said[0]["first"], run.said[0]["last"]) == ("Monday 30 November", "Monday 21 December")


async def test_a_delivery_that_is_near_or_over_is_refused_before_a_day_is_asked_for(services: Services) -> None:
    near = Stage("move LH-10010", "reschedule_delivery", entities={"order_number": "LH-10010"}, customer=TOM)
    assert (await near.starts(RescheduleForm(services))).responses == ["utter_refused_too_late_to_move"]
    over = Stage("move LH-10003", "reschedule_delivery", entities={"order_number": "LH-10003"})
    assert (await over.starts(RescheduleForm(services))).responses == ["utter_refused_already_delivered"]


async def test_a_delivery_is_moved_once_and_its_new_day_told(services: Services) -> None:
    slots = known(MAYA, order_number="LH-10002", delivery_day="2026-12-01", confirm_day=True)
    stage = Stage("yes", "affirm", slots=slots)
    first, again = await stage.run(Reschedule(services)), await stage.run(Reschedule(services))
    assert first.said == again.said
    assert first.responses == ["utter_delivery_moved"]
    assert first.said[0]["day"] == "Tuesday 1 December"


async def test_the_orders_are_listed_with_their_state_and_a_button_each(services: Services) -> None:
    run = await Stage(slots=known(MAYA)).run(ListOrders(services))
    assert run.responses == ["utter_orders_listed"]
    assert "LH-10001, Friday 20 November: cordless vacuum cleaner, £189.00 (on its way)" in run.said[0]["orders"]
    payloads = [button["payload"] for button in run.said[0]["buttons"]]
    assert payloads[0] == '/inform{"order_number": "LH-10002"}'
    assert len(payloads) == 5


async def test_a_customer_without_orders_is_told_so_and_not_asked_for_a_number(
    services: Services, shop_file: Path
) -> None:
    with ShopDatabase(shop_file).connection() as connection:
        connection.execute(
            "INSERT INTO customers VALUES ('C-1009', 'Nora Field', 'nora@mail.example', 'standard', '1 New Road')"
        )
    nora = {**MAYA, "id": "C-1009"}
    listed = await Stage(slots=known(nora)).run(ListOrders(services))
    assert listed.responses == ["utter_orders_none"]
    asked = await Stage("resend it", "resend_confirmation", customer=nora).starts(ConfirmationForm(services))
    assert asked.responses == ["utter_orders_none"]


async def test_how_the_plan_stands_is_told_with_its_price_and_next_day(services: Services) -> None:
    runs = await Stage(slots=known(MAYA)).run(PlanStatus(services))
    assert (runs.responses, runs.said[0]["price"]) == (["utter_plan_state_active"], "£9.99")
    assert (await Stage(slots=known(JONAS)).run(PlanStatus(services))).responses == ["utter_plan_state_paused"]
    await services.shop.pause_plan("C-1001", 1, idempotency_key="k1")
    assert (await Stage(slots=known(MAYA)).run(PlanStatus(services))).responses == ["utter_plan_state_pausing"]
    await services.shop.end_plan("C-1002", idempotency_key="k2")
    assert (await Stage(slots=known(TOM)).run(PlanStatus(services))).responses == ["utter_plan_state_ending"]
    assert (await Stage(slots=known(ELENA)).run(PlanStatus(services))).responses == ["utter_refused_no_plan"]


async def test_letting_the_plan_go_on_is_confirmed_with_the_next_payment(services: Services) -> None:
    paused = await Stage("resume", "resume_plan", customer=JONAS).starts(ResumePlanForm(services))
    assert (paused.responses, paused.said[0]["day"]) == (["utter_question_resume_paused"], "Monday 23 November")
    await services.shop.end_plan("C-1002", idempotency_key="k")
    ending = await Stage("keep my plan", "resume_plan", customer=TOM).starts(ResumePlanForm(services))
    assert (ending.responses, ending.said[0]["day"]) == (["utter_question_resume_ending"], "Thursday 26 November")
    running = await Stage("resume", "resume_plan").starts(ResumePlanForm(services))
    assert running.responses == ["utter_refused_plan_running"]


async def test_a_named_device_has_its_guarantee_told_with_the_year(services: Services) -> None:
    found = await Stage("is my kettle under guarantee", "guarantee_check", entities={"product": "kettle"}).starts(
        GuaranteeForm(services)
    )
    told = await Stage(slots=found.slots).run(Guarantee(services))
    assert (told.responses, told.said[0]["until"]) == (["utter_guarantee_valid"], "Monday 20 November 2028")
    over = await Stage(slots=known(JONAS, owned_device="microwave")).run(Guarantee(services))
    assert over.responses == ["utter_guarantee_over"]


async def test_a_device_may_be_named_by_its_order_and_one_never_bought_is_not_guessed(services: Services) -> None:
    by_order = Stage("guarantee of LH-10004", "guarantee_check", entities={"order_number": "LH-10004"})
    assert (await by_order.starts(GuaranteeForm(services))).slots["owned_device"] == "55-inch television"
    on_its_way = Stage("guarantee of LH-10001", "guarantee_check", entities={"order_number": "LH-10001"})
    assert (await on_its_way.starts(GuaranteeForm(services))).responses == ["utter_refused_not_delivered"]
    stranger = Stage("is my tablet under guarantee", "guarantee_check", entities={"product": "tablet"})
    assert (await stranger.starts(GuaranteeForm(services))).responses == ["utter_guarantee_not_found"]
    which = await Stage("check my guarantee", "guarantee_check").starts(GuaranteeForm(services))
    assert which.responses == ["utter_question_owned_device"]


@pytest.mark.parametrize(
    ("customer", "response"),
    [(PRIYA, "utter_repair_visit"), (TOM, "utter_repair_workshop"), (JONAS, "utter_repair_finished")],
)
async def test_a_repair_is_told_where_it_is_done(services: Services, customer: dict[str, Any], response: str) -> None:
    assert (await Stage(slots=known(customer)).run(RepairStatus(services))).responses == [response]


async def test_a_repair_that_is_late_is_called_late(services: Services, shop_file: Path) -> None:
    overdue = later(services, shop_file, datetime(2026, 12, 7, 9, tzinfo=UTC))
    assert (await Stage(slots=known(TOM)).run(RepairStatus(overdue))).responses == ["utter_repair_late"]


@pytest.mark.parametrize(
    "text", ["can the engineer come on another day?", "cancel the visit, it works", "I won't be in"]
)
async def test_moving_or_calling_off_a_visit_goes_to_a_person_in_the_same_turn(services: Services, text: str) -> None:
    begun = await Stage(text, "repair_status", customer=PRIYA).starts(RepairStatusForm(services))
    run = await Stage(text, slots=begun.slots, customer=PRIYA).run(RepairStatus(services))
    assert run.responses == ["utter_repair_visit", "utter_repair_change_by_person"]
    assert run.slots["escalation"] == {"action": "now", "message_id": "m-1"}


async def test_a_question_about_a_visit_hands_nothing_over(services: Services) -> None:
    begun = await Stage("when does the engineer come", "repair_status", customer=PRIYA).starts(
        RepairStatusForm(services)
    )
    run = await Stage(slots=begun.slots, customer=PRIYA).run(RepairStatus(services))
    assert run.slots.get("escalation") is None
    none = await Stage("when does the engineer come", "repair_status").starts(RepairStatusForm(services))
    assert none.responses == ["utter_repair_none"]


@pytest.mark.parametrize(
    ("text", "product", "response"),
    [
        ("is the toaster in stock", "toaster", "utter_question_which_product"),
        ("have you got the 43 inch telly", "television", "utter_stock_available"),
        ("price of a laptop", "laptop", "utter_stock_few"),
        ("do you have a tablet", "tablet", "utter_stock_back_soon"),
        ("any printers left", "printer", "utter_stock_sold_out"),
    ],
)
async def test_a_product_is_looked_up_by_the_words_of_the_question(
    services: Services, text: str, product: str, response: str
) -> None:
    run = await Stage(text, "check_stock", entities={"product": product}, customer=None).starts(StockForm(services))
    if not run.responses:
        run = await Stage(text, slots=run.slots, customer=None).run(CheckStock(services))
    assert run.responses == [response]


async def test_what_is_not_sold_is_told_so_and_given_up_after_three_tries(services: Services) -> None:
    slots: dict[str, Any] = {"requested_slot": "wanted_product"}
    for expected in ("utter_product_not_found", "utter_product_not_found", "utter_form_given_up"):
        run = await Stage("a hang-glider", slots=slots, customer=None, active="stock_form").run(StockForm(services))
        assert run.responses[0] == expected
        slots = run.slots


@pytest.mark.parametrize(
    ("number", "response"),
    [
        ("LHGC-2046-7713-5082", "utter_gift_card_balance"),
        ("LHGC-8810-4427-9361", "utter_gift_card_empty"),
        ("LHGC-3359-1048-6624", "utter_gift_card_expired"),
    ],
)
async def test_a_gift_card_tells_its_balance_and_its_number_is_forgotten(
    services: Services, number: str, response: str
) -> None:
    stage = Stage("balance please", "gift_card_balance", entities={"gift_card_number": number}, customer=None)
    found = await stage.starts(GiftCardForm(services))
    told = await Stage(slots=found.slots, customer=None).run(GiftCardBalance(services))
    assert told.responses == [response]
    assert number not in str(told.said)
    assert told.slots["gift_card_number"] is None


async def test_a_gift_card_that_is_unknown_is_asked_for_again(services: Services) -> None:
    stage = Stage("balance", "gift_card_balance", entities={"gift_card_number": "LHGC-1111-2222-3333"}, customer=None)
    run = await stage.starts(GiftCardForm(services))
    assert run.responses == ["utter_gift_card_not_found", "utter_question_gift_card_number"]


async def test_a_bare_gift_card_number_asks_for_its_balance(services: Services) -> None:
    stage = Stage("LHGC-2046-7713-5082", entities={"gift_card_number": "LHGC-2046-7713-5082"}, customer=None)
    run = await stage.run(ActionInform(services))
    assert [event["name"] for event in run.events if event["event"] == "followup"] == ["gift_card_form"]

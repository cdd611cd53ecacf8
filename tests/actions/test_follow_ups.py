"""What customers say between and after requests: again, also, instead, by the way."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from actions.billing import ChargeForm, InvoiceForm
from actions.orders import CancelOrderForm, DeliveryOptions, OrderStatus, OrderStatusForm
from actions.returns import RefundForm, ReturnForm
from actions.self_service import ActionInform
from actions.services import Services
from actions.shop.model import ChargeKind
from tests.actions.self_service_cast import Stage

RESPONSES = Path(__file__).resolve().parents[2] / "data" / "responses"


def load_responses(name: str) -> dict[str, Any]:
    """One file of data/responses."""
    loaded: dict[str, Any] = YAML(typ="safe").load((RESPONSES / f"{name}.yml").read_text(encoding="utf-8"))["responses"]
    return loaded


async def test_the_same_order_asked_for_again_is_not_told_in_the_same_words(services: Services) -> None:
    slots: dict[str, Any] = {"order_number": "LH-10001", "form_data": {"customer_id": "C-1001"}}
    first = await Stage("where is it", "order_status", slots=slots).run(OrderStatus(services))
    assert first.responses == ["utter_order_shipped"]
    slots |= {"last_outcome": first.slots["last_outcome"]}
    again = await Stage("and when will it arrive?", "order_status", slots=slots).run(OrderStatus(services))
    assert again.responses == ["utter_order_unchanged"]


async def test_of_two_orders_in_one_question_both_are_told(services: Services) -> None:
    slots = {"order_number": "LH-10002", "form_data": {"customer_id": "C-1001"}}
    told = await Stage("where is LH-10001 and LH-10002 and LH-10010", "order_status", slots=slots).run(
        OrderStatus(services)
    )
    assert told.responses == ["utter_order_shipped", "utter_order_processing"], "and nothing of somebody else's"


async def test_of_two_orders_in_one_request_the_one_that_fits_is_taken(services: Services) -> None:
    entities = {"order_number": "LH-10001"}
    text = "cancel LH-10002 and where is LH-10001"
    asked = await Stage(text, "cancel_order", entities=entities).starts(CancelOrderForm(services))
    assert asked.responses == ["utter_question_confirm_cancel"]
    assert asked.slots["order_number"] == "LH-10002"


async def test_of_two_orders_that_both_fit_one_has_to_be_chosen(services: Services) -> None:
    tom = {"id": "C-1002", "name": "Tom", "tier": "plus", "verified": True}
    stage = Stage("cancel LH-10011 and LH-10013", "cancel_order", entities={"order_number": "LH-10013"}, customer=tom)
    asked = await stage.starts(CancelOrderForm(services))
    assert asked.responses == ["utter_question_order_number_choose"]
    assert asked.slots["order_number"] is None


async def test_a_question_about_the_order_just_cancelled_is_about_that_order(services: Services) -> None:
    slots = {"order_number": "LH-10005"}  # cancelled
    found = await Stage("is it really cancelled?", "order_status", slots=slots).starts(OrderStatusForm(services))
    assert found.slots["order_number"] == "LH-10005"
    asked = await Stage("where is my parcel", "order_status", slots=slots).starts(OrderStatusForm(services))
    assert asked.responses == ["utter_question_order_number_choose"]


async def test_the_last_order_is_the_newest_and_all_orders_are_a_choice(services: Services) -> None:
    newest = await Stage("where is my last order", "order_status").starts(OrderStatusForm(services))
    assert newest.slots["order_number"] == "LH-10002"
    slots = {"order_number": "LH-10001"}
    asked = await Stage("where are my orders", "order_status", slots=slots).starts(OrderStatusForm(services))
    assert asked.responses == ["utter_question_order_number_choose"]


async def test_the_last_invoice_is_the_newest(services: Services) -> None:
    asked = await Stage("send me an invoice", "invoice_copy").starts(InvoiceForm(services))
    slots = {**asked.slots}
    chosen = await Stage("the last one please", slots=slots, active="invoice_form").run(InvoiceForm(services))
    assert chosen.slots["invoice_number"] == "INV-2026-0001"


async def test_a_charge_is_found_by_its_sum_without_a_pound_sign(services: Services) -> None:
    found = await Stage("what is the 9.99 on my statement", "explain_charge").starts(ChargeForm(services))
    assert found.slots["charge"] == "CH-CARE-C-1001"


async def test_another_orders_state_asked_for_in_a_form_does_not_change_what_it_acts_on(services: Services) -> None:
    """ "Where is LH-10001?" before "shall I cancel LH-10002?" is answered, and the question comes again."""
    form = CancelOrderForm(services)
    slots: dict[str, Any] = {"requested_slot": "confirm_cancel"}
    slots["form_data"] = {"customer_id": "C-1001", "order_number": "LH-10002"}
    stage = Stage("where is LH-10001?", "order_status", slots=slots, entities={"order_number": "LH-10001"})
    stage.active = "cancel_order_form"
    assert (await stage.run(form)).rejected

    aside = {"event": "action_execution_rejected", "name": "cancel_order_form"}
    stage.after_message = [aside, {"event": "active_loop", "name": "order_status_form"}]
    status = await stage.run(OrderStatusForm(services))
    assert status.slots["paused_request"] == {"form": "cancel_order_form", "order_number": "LH-10002"}

    stage.active, stage.slots = None, status.slots
    told = await stage.run(OrderStatus(services))
    assert told.responses == ["utter_order_shipped"]
    assert (told.events[-1]["event"], told.events[-1]["name"]) == ("followup", "cancel_order_form")

    # Rasa reads the message's order number once more when the form starts again.
    stage.slots = told.slots
    resumed = await stage.starts(form)
    assert resumed.responses == ["utter_question_confirm_cancel"]
    assert resumed.slots["order_number"] == "LH-10002"
    assert resumed.slots["paused_request"] is None


async def test_a_request_that_changes_something_does_not_bring_back_the_one_it_interrupted(services: Services) -> None:
    aside = {"event": "action_execution_rejected", "name": "return_form"}
    stage = Stage("refund LH-10003", "request_refund", entities={"order_number": "LH-10003"})
    stage.after_message = [aside, {"event": "active_loop", "name": "refund_form"}]
    run = await stage.run(RefundForm(services))
    assert run.slots.get("paused_request") is None


async def test_whoever_says_goodbye_has_left_the_form(services: Services) -> None:
    slots = {"requested_slot": "reason", "order_number": "LH-10003", "form_data": {"customer_id": "C-1001"}}
    run = await Stage("bye", "goodbye", slots=slots, active="return_form").run(ReturnForm(services))
    assert run.responses == ["utter_goodbye"]
    assert run.slots["requested_slot"] is None
    assert run.slots["form_left"] is True


async def test_delivery_is_told_at_once_and_for_the_customers_own_place(services: Services) -> None:
    own = await Stage("how do you deliver", "delivery_options").run(DeliveryOptions(services))
    assert own.said[0]["postcode"] == "LS6 2AB"
    visitor = await Stage("how do you deliver", "delivery_options", customer=None).run(DeliveryOptions(services))
    assert visitor.responses == ["utter_delivery_in_general"]


async def test_a_word_on_delivery_inside_a_form_leaves_its_answers_alone(services: Services) -> None:
    slots = {"problem_kind": "damaged", "form_data": {"customer_id": "C-1001"}}
    stage = Stage("how long is delivery?", "delivery_options", slots=slots, active="report_problem_form")
    assert (await stage.run(DeliveryOptions(services))).slots["problem_kind"] == "damaged"


async def test_a_bare_postcode_asks_for_delivery_but_an_address_does_not(services: Services) -> None:
    entities = {"postcode": "BT1 4ZZ"}
    bare = await Stage("to BT1 4ZZ please", entities=entities, customer=None).run(ActionInform(services))
    assert bare.responses == ["utter_delivery_options"]
    address = await Stage("5 Hill Road, Belfast BT1 4ZZ", entities=entities, customer=None).run(ActionInform(services))
    assert address.responses == ["utter_inform_without_question"]


async def test_the_prices_that_are_told_in_general_are_those_of_the_shop(services: Services) -> None:
    text = load_responses("outcomes")["utter_delivery_in_general"][0]["text"]
    told = set(re.findall(r"£\d+(?:\.\d\d)?", text)) - {"£60"}
    shop = {f"£{option.price:.2f}".removesuffix(".00") for option in await services.shop.delivery_options("LS6 2AB")}
    assert told == shop


async def test_standard_delivery_is_free_over_60_pounds_as_the_faq_says(services: Services) -> None:
    """LH-10003 cost £39, LH-10001 £189, and LH-10004 is a television that two people brought."""
    charges = {(c.reference, c.kind): c.amount for c in await services.shop.charges("C-1001")}
    assert charges["LH-10003", ChargeKind.DELIVERY] == Decimal("4.95")
    assert ("LH-10001", ChargeKind.DELIVERY) not in charges
    assert charges["LH-10004", ChargeKind.DELIVERY] == Decimal("29.00")

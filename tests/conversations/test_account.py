"""Conversations about invoices, charges, the account and the plan."""

from __future__ import annotations

from tests.conversations.assistant import Assistant, Customer


def test_a_copy_of_an_invoice_goes_to_the_address_on_file(maya: Customer, assistant: Assistant) -> None:
    maya.says("please send me a copy of my invoice")
    sent = maya.presses("INV-2026-0003")
    assert sent.responses == ("utter_invoice_sent",)
    assert "m***@mail.example" in sent.text
    assert assistant.count("outbox") == 1


def test_an_invoice_can_be_named_by_its_order(maya: Customer) -> None:
    assert "INV-2026-0001" in maya.says("I need the invoice for order LH-10001").text


def test_an_invoice_of_somebody_else_is_not_found(maya: Customer) -> None:
    assert maya.says("send me invoice INV-2026-0006").responses[0] == "utter_invoice_not_found"


def test_a_sum_that_shows_twice_is_explained_as_a_hold(maya: Customer) -> None:
    assert maya.says("I was charged twice").responses == ("utter_charge_hold",)


def test_a_charge_is_found_by_its_sum(maya: Customer) -> None:
    told = maya.says("what is the charge of £649.00 for?")
    assert told.responses == ("utter_charge_order",)
    assert "LH-10004" in told.text


def test_the_address_of_the_account_is_changed(maya: Customer) -> None:
    maya.says("I moved, please change my address")
    maya.says("22 Elm Grove, Leeds, LS8 1AA")
    assert maya.says("yes").responses == ("utter_address_changed",)


def test_a_visitor_must_prove_whose_account_it_is(visitor: Customer, assistant: Assistant) -> None:
    assert visitor.says("please change my address").responses == ("utter_question_account_order_number",)
    visitor.says("LH-10003")
    assert visitor.says("elena.rossi@mail.example").responses[0] == "utter_order_not_matched"
    assert assistant.count("effects") == 0


def test_asking_for_access_never_tells_whether_the_account_exists(visitor: Customer, assistant: Assistant) -> None:
    visitor.says("I forgot my password")
    unknown = visitor.says("nobody@mail.example").text
    assert assistant.count("outbox") == 0
    visitor.says("I can't log in")
    other = Customer(assistant, visitor.info)
    other.says("I forgot my password")
    known = other.says("maya.lind@mail.example").text
    assert assistant.count("outbox") == 1
    assert known.replace("maya.lind@mail.example", "nobody@mail.example") == unknown


def test_a_plan_is_paused_for_the_time_that_was_named(maya: Customer) -> None:
    assert maya.says("pause my plan for two months").responses == ("utter_question_confirm_pause",)
    assert maya.says("yes").responses == ("utter_plan_paused",)


def test_a_plan_is_ended_after_its_last_day_was_told(tom: Customer, assistant: Assistant) -> None:
    asked = tom.says("I want to end my plan")
    assert asked.responses == ("utter_question_confirm_end",)
    assert tom.presses("No, keep it").responses == ("utter_plan_not_ended",)
    assert assistant.count("effects") == 0
    tom.says("I want to end my plan")
    assert tom.presses("Yes, end it").responses == ("utter_plan_ended",)
    assert tom.says("end my plan").responses[0] == "utter_refused_plan_ended"


def test_a_customer_without_a_plan_is_told_so(elena: Customer) -> None:
    assert elena.says("pause my plan").responses == ("utter_refused_no_plan",)

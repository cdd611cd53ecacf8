"""Conversations about orders and deliveries, through the trained assistant and the real action server."""

from __future__ import annotations

from tests.conversations.assistant import Assistant, Customer


def test_where_is_my_order_asks_which_one_and_takes_the_bare_digits(maya: Customer) -> None:
    asked = maya.says("where is my order")
    assert asked.responses == ("utter_question_order_number_choose",)
    assert [title[:8] for title in asked.buttons] == ["LH-10002", "LH-10001"]
    told = maya.says("10001")
    assert told.responses == ("utter_order_shipped",)
    assert "Pennine Parcels" in told.text


def test_the_order_talked_about_stays_the_context_of_the_next_question(maya: Customer) -> None:
    maya.says("where is LH-10001")
    assert "LH-10001" in maya.says("and when will it arrive?").text
    assert "LH-10002" in maya.says("and LH-10002?").text


def test_an_order_can_be_chosen_with_a_button(maya: Customer) -> None:
    maya.says("where is my order")
    assert maya.presses("LH-10001").responses == ("utter_order_shipped",)


def test_a_customer_with_one_order_on_its_way_is_not_asked_which(jonas: Customer) -> None:
    told = jonas.says("where is my parcel?")
    assert told.responses == ("utter_order_shipped_late",)
    assert "6 days overdue" in told.text
    assert "Have a person chase it" in told.buttons


def test_an_order_that_does_not_exist_is_told_so_and_asked_again(maya: Customer) -> None:
    assert maya.says("where is LH-99999").responses == ("utter_order_not_found", "utter_question_order_number_choose")
    assert maya.says("LH-10002").responses == ("utter_order_processing",)


def test_somebody_elses_order_is_not_shown(maya: Customer) -> None:
    told = maya.says("where is LH-10010")
    assert told.responses[0] == "utter_order_not_yours"
    assert "coffee" not in told.text


def test_a_visitor_names_order_and_email_and_they_must_belong_together(visitor: Customer) -> None:
    assert visitor.says("where is my order?").responses == ("utter_question_order_number",)
    assert visitor.says("LH-10040").responses == ("utter_question_email",)
    wrong = visitor.says("maya.lind@mail.example")
    assert wrong.responses == ("utter_order_not_matched", "utter_question_number_or_email")
    visitor.says("10040")
    assert visitor.says("it's elena.rossi@mail.example").responses == ("utter_order_delivered",)


def test_a_visitor_is_not_told_whether_a_wrong_order_exists(visitor: Customer) -> None:
    visitor.says("where is order LH-99999?")
    assert visitor.says("elena.rossi@mail.example").responses[0] == "utter_order_not_matched"


def test_an_order_is_cancelled_after_a_clear_yes(maya: Customer, assistant: Assistant) -> None:
    asked = maya.says("please cancel LH-10002")
    assert asked.responses == ("utter_question_confirm_cancel",)
    assert "£108.00" in asked.text
    assert maya.says("yes but not the lamp").responses[0] == "utter_invalid_confirmation"
    assert maya.presses("Yes, cancel it").responses == ("utter_order_cancelled_now",)
    assert maya.says("where is LH-10002").responses == ("utter_order_cancelled",)
    assert assistant.count("effects") == 1


def test_an_order_is_kept_after_a_no(maya: Customer, assistant: Assistant) -> None:
    maya.says("cancel order LH-10002")
    assert maya.says("no, leave it").responses == ("utter_cancel_dropped",)
    assert assistant.count("effects") == 0


def test_an_order_that_has_shipped_is_not_cancelled_and_the_way_out_is_named(maya: Customer) -> None:
    told = maya.says("cancel LH-10001")
    assert told.responses == ("utter_refused_already_shipped",)
    assert "return LH-10001" in told.text


def test_naming_another_order_at_the_confirmation_asks_again_about_that_one(
    tom: Customer, assistant: Assistant
) -> None:
    tom.says("cancel LH-10011")
    again = tom.says("yes, LH-10013")
    assert again.responses == ("utter_question_confirm_cancel",)
    assert "LH-10013" in again.text
    assert assistant.count("effects") == 0


def test_the_delivery_address_of_an_order_is_changed(tom: Customer) -> None:
    tom.says("I need to change order LH-10011")
    tom.presses("The delivery address")
    assert tom.says("Bristol").responses[0] == "utter_invalid_new_address"
    tom.says("9 Quay Street, Bristol, BS1 4QD")
    done = tom.says("yes")
    assert done.responses == ("utter_order_address_changed",)
    assert "9 Quay Street" in done.text


def test_the_number_of_an_item_is_changed(maya: Customer) -> None:
    maya.says("change my order LH-10002")
    maya.presses("How many of an item")
    maya.says("the lamp")
    asked = maya.says("three")
    assert asked.responses == ("utter_question_confirm_quantity",)
    assert "£132.50" in asked.text
    assert maya.says("yes").responses == ("utter_order_quantity_changed",)


def test_delivery_options_are_told_in_general_and_then_for_a_postcode(visitor: Customer) -> None:
    assert "£9.95" in visitor.says("what are my delivery options?").text
    assert "Next working day: £9.95" in visitor.says("LS6 2AB").text
    assert visitor.says("and to JE2 3AB?").responses == ("utter_refused_area_not_served",)


def test_a_bare_order_number_asks_for_its_state(maya: Customer) -> None:
    assert maya.says("LH-10003").responses == ("utter_order_delivered",)

"""Conversations before buying: what is in stock, and what is left on a gift card."""

from __future__ import annotations

from tests.conversations.assistant import Assistant, Customer


def test_a_product_is_told_with_its_price_to_anybody(visitor: Customer) -> None:
    told = visitor.says("do you have the air fryer in stock?")
    assert told.responses == ("utter_stock_available",)
    assert "£99.00" in told.text


def test_of_several_products_one_is_chosen(visitor: Customer) -> None:
    asked = visitor.says("how much is a kettle")
    assert asked.responses == ("utter_question_which_product",)
    assert "£49.00" in visitor.says("the glass kettle").text


def test_a_product_that_is_sold_out_says_when_more_come(maya: Customer) -> None:
    told = maya.says("have you got any tablets?")
    assert told.responses == ("utter_stock_back_soon",)
    assert "10-inch tablet" in told.text


def test_a_product_that_is_not_sold_is_told_so(visitor: Customer) -> None:
    visitor.says("check stock please")
    told = visitor.says("a hang-glider")
    assert told.responses == ("utter_product_not_found", "utter_question_wanted_product")
    assert visitor.says("then a soundbar").responses == ("utter_stock_available",)


def test_the_price_of_something_may_be_asked_before_an_order_is_cancelled(maya: Customer) -> None:
    maya.says("cancel LH-10002")
    told = maya.says("how much is the robot vacuum?")
    assert told.responses == ("utter_stock_available", "utter_question_confirm_cancel")


def test_a_gift_cards_balance_is_told_for_its_number(visitor: Customer) -> None:
    assert visitor.says("how much is left on my gift card?").responses == ("utter_question_gift_card_number",)
    told = visitor.says("lhgc 2046 7713 5082")
    assert told.responses == ("utter_gift_card_balance",)
    assert "£35.50" in told.text


def test_a_gift_card_number_with_a_typing_error_is_asked_for_again(visitor: Customer) -> None:
    visitor.says("check my gift card balance")
    assert visitor.says("LHGC-2046-7713").responses[0] == "utter_invalid_gift_card_number"
    assert visitor.says("LHGC-2046-7713-5083").responses == (
        "utter_gift_card_not_found",
        "utter_question_gift_card_number",
    )
    assert visitor.says("2o46-7713-5082, sorry: LHGC-2O46-7713-5082").responses == ("utter_gift_card_balance",)


def test_a_gift_card_that_ran_out_is_told_so(maya: Customer) -> None:
    told = maya.says("what's on LHGC-3359-1048-6624?")
    assert told.responses == ("utter_gift_card_expired",)
    assert "Talk to a person" in told.buttons


def test_the_number_of_a_gift_card_is_not_kept(maya: Customer, assistant: Assistant) -> None:
    """Whoever has it can spend it."""
    maya.says("balance of LHGC-8810-4427-9361")
    assert "gift_card_number" not in maya.slots
    assert assistant.count("effects") == 0


def test_a_bank_card_number_is_not_taken(visitor: Customer) -> None:
    visitor.says("gift card balance")
    told = visitor.says("4929 1234 5678 9012")
    assert told.responses[0] == "utter_invalid_gift_card_number"
    assert "bank card" in told.text


def test_another_question_is_answered_where_a_product_is_asked_for(visitor: Customer) -> None:
    assert visitor.says("how much is a toaster and is it in stock").responses == ("utter_question_which_product",)
    assert visitor.says("do u do student discount").responses[0].startswith("utter_faq/billing_student")

"""Where the assistant speaks of an order, a card beside its words shows the order at a glance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from actions.cards import LONGEST, label_card, money_card, order_card, return_card
from actions.content import ContentError, load_choices
from actions.order_history import ListOrders
from actions.orders import CancelOrder, OrderStatus
from actions.services import Services
from actions.shop.model import MoneyBack, OrderState, RefundKind, Return, ReturnLabel, ReturnState
from handoff.contract_cards import MoneyBackState, OrderCard, OrderCardItem, OrderCardState, OrdersCard
from tests.actions.self_service_cast import MONDAY, Stage
from warmline.paths import PROJECT_ROOT

TODAY: date = MONDAY.date()


async def told(services: Services, number: str) -> dict[str, Any]:
    slots = {"order_number": number, "form_data": {"customer_id": "C-1001"}}
    run = await Stage("where is it", "order_status", slots=slots).run(OrderStatus(services))
    return run.said[0]


async def test_an_order_on_its_way_is_told_in_words_and_on_a_card_with_its_items_and_its_day(
    services: Services,
) -> None:
    order = await services.shop.order("C-1001", "LH-10001")
    said = await told(services, "LH-10001")
    card = OrderCard.model_validate(said["custom"]["card"])

    assert said["response"] == "utter_order_shipped"
    assert card.number == "LH-10001"
    assert card.state is OrderCardState.SHIPPED
    assert card.items == tuple(OrderCardItem(product=line.product, quantity=line.quantity) for line in order.lines)
    assert (card.day, card.days_late) == (order.delivery.expected_on, 0)
    assert card.tracking_number == order.delivery.tracking_number
    assert card.link == "https://shop.larkfield.example/account/orders/LH-10001"


async def test_a_late_order_says_by_how_much_and_a_cancelled_one_no_day(services: Services) -> None:
    order = await services.shop.order("C-1001", "LH-10001")
    late = replace(order, delivery=replace(order.delivery, expected_on=TODAY - timedelta(days=3)))
    off = replace(late, state=OrderState.CANCELLED)

    assert order_card(late, services).days_late == 3
    assert (order_card(off, services).day, order_card(off, services).days_late) == (None, 0)


async def test_a_cancelled_order_is_shown_with_the_day_on_which_its_money_is_free(
    services: Services,
) -> None:
    slots = {"order_number": "LH-10002", "confirm_cancel": True, "form_data": {"customer_id": "C-1001"}}
    run = await Stage("yes", "affirm", slots=slots).run(CancelOrder(services))
    card = OrderCard.model_validate(run.said[0]["custom"]["card"])
    (money,) = [one for one in await services.shop.money_back("C-1001") if one.order_number == "LH-10002"]

    assert (card.number, card.state, card.day) == ("LH-10002", OrderCardState.CANCELLED, money.arrives_by)
    assert card.tracking_number is None


async def test_a_list_of_orders_is_as_many_cards_as_it_has_lines(services: Services) -> None:
    slots = {"form_data": {"customer_id": "C-1001"}}
    run = await Stage("my orders", "list_orders", slots=slots).run(ListOrders(services))
    card = OrdersCard.model_validate(run.said[0]["custom"]["card"])
    lines = [line for line in run.said[0]["orders"].splitlines() if line.startswith("• ")]

    assert len(lines) == len(card.orders)
    assert all(one.number in line for one, line in zip(card.orders, lines, strict=True))


FOUND = Return(
    number="R-1",
    order_number="LH-10001",
    sku="lamp",
    product="table lamp",
    amount=Decimal("1249.00"),
    state=ReturnState.REGISTERED,
    send_by=TODAY + timedelta(days=9),
    received_on=TODAY,
    refund_by=TODAY + timedelta(days=5),
)


@pytest.mark.parametrize(
    ("state", "day"),
    [
        (ReturnState.REGISTERED, FOUND.send_by),
        (ReturnState.RECEIVED, FOUND.refund_by),
        (ReturnState.REFUNDED, None),
    ],
)
def test_a_return_says_the_next_day_that_counts(state: ReturnState, day: date | None) -> None:
    card = return_card(replace(FOUND, state=state))

    assert (card.kind, card.number, card.amount) == ("return", "R-1", "£1,249.00")
    assert (card.state, card.day) == (state.value, day)


@pytest.mark.parametrize(
    ("kind", "arrives", "state"),
    [
        (RefundKind.REFUND, 0, MoneyBackState.SENT),
        (RefundKind.CANCELLATION, 3, MoneyBackState.SET_FREE),
        (RefundKind.REFUND, -1, MoneyBackState.OVERDUE),
    ],
)
def test_money_that_should_have_been_there_is_overdue(kind: RefundKind, arrives: int, state: MoneyBackState) -> None:
    money = MoneyBack("LH-10001", Decimal("24.00"), kind, TODAY, TODAY + timedelta(days=arrives))

    assert money_card(money, TODAY).state is state


@pytest.mark.parametrize(("url", "link"), [("https://a.example/l", "https://a.example/l"), ("http://a", None)])
def test_a_label_that_is_at_no_https_address_stands_in_the_text_alone(url: str, link: str | None) -> None:
    assert label_card(ReturnLabel("R-1", "LH-10001", "x" * 900, url, TODAY)).link == link


async def test_what_a_shop_calls_things_cannot_make_a_card_that_is_refused(services: Services) -> None:
    order = await services.shop.order("C-1001", "LH-10001")
    long = replace(order, number='LH "<1>', lines=tuple(replace(line, product="x" * 900) for line in order.lines * 60))
    card = order_card(long, services)

    assert len(card.items) == 50
    assert len(card.items[0].product) == LONGEST
    assert card.link == "https://shop.larkfield.example/account/orders/LH%20%22%3C1%3E"


async def test_a_shop_without_a_page_for_orders_has_cards_without_a_link(services: Services) -> None:
    order = await services.shop.order("C-1001", "LH-10001")
    bare = replace(services, choices=services.choices.model_copy(update={"links": {}}))

    assert order_card(order, bare).link is None


@pytest.mark.parametrize("link", ["http://shop.example/{order_number}", "javascript:alert(1)", "https://a/{number}"])
def test_a_link_that_could_mislead_is_refused_with_its_place(tmp_path: Path, link: str) -> None:
    text = (PROJECT_ROOT / "data" / "choices.yml").read_text()
    shipped = "https://shop.larkfield.example/account/orders/{order_number}"
    assert shipped in text
    (tmp_path / "choices.yml").write_text(text.replace(shipped, link))

    with pytest.raises(ContentError, match=r"links\.order.*https address"):
        load_choices(tmp_path)

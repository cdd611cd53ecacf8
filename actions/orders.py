"""Orders and deliveries: where one is, changing it, cancelling it, and how things can be delivered."""

from __future__ import annotations

from typing import Final

from actions.dialogue import answers
from actions.dialogue.turn import word_set
from actions.forms import Ask, Form, Leave, Ready, Step
from actions.lookup import find_item, find_order, known_customer, products_of
from actions.order_cards import order_card
from actions.shop.errors import NotAllowed, Refusal
from actions.shop.model import Order, OrderState
from actions.shop_action import ShopAction
from actions.talk import Talk, formatted

ADDRESS: Final = "address"
REFERS_BACK: Final = frozenset({"it", "it's", "its", "that", "this"})
AGAIN: Final = {
    **dict.fromkeys(("processing", "packed", "shipped", "shipped_today"), "unchanged"),
    **dict.fromkeys(("shipped_late", "shipped_late_by_a_day", "not_shipped_late"), "still_late"),
}
"""What is said when the same order is asked for again and nothing has changed."""
REFUNDED: Final = {"action": "action_refund", "outcome": "refunded"}
DELIVERY_WORDS: Final = word_set(
    "deliver delivers delivered delivery deliveries post postage ship shipped shipping parcel send courier express"
    " standard order come arrive arrives postcode"
)
"""Without one of them "how long will it take?", asked after a refund, is about the money."""
OPEN: Final = frozenset({OrderState.PROCESSING, OrderState.PACKED})
REFUSALS: Final = {
    OrderState.SHIPPED: Refusal.ALREADY_SHIPPED,
    OrderState.DELIVERED: Refusal.ALREADY_DELIVERED,
    OrderState.CANCELLED: Refusal.ALREADY_CANCELLED,
}


def is_open(order: Order) -> bool:
    """Whether an order may still be changed: it has not left."""
    return order.state in OPEN


def is_coming(order: Order) -> bool:
    """Whether an order is still to arrive."""
    return is_open(order) or order.state is OrderState.SHIPPED


def require_open(order: Order) -> None:
    """Raises ``NotAllowed`` where the shop would refuse a change, before the customer is asked to confirm it."""
    if order.state in REFUSALS:
        raise NotAllowed(REFUSALS[order.state])


class OrderStatusForm(Form):
    """Which order?"""

    informs = True
    form = "order_status_form"
    intent = "order_status"
    action = "action_order_status"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`. "Is it really cancelled?" is about the order talked of before, whatever its state."""
        if (
            talk.activating
            and "orders" in answers.words_of(talk.turn.text)
            and "order_number" not in talk.turn.entities
        ):
            talk.set("order_number", None)
        order = await find_order(talk, self.shop, is_coming, recall=REFERS_BACK)
        return Ready() if isinstance(order, Order) else order


class OrderStatus(ShopAction):
    """Says how far an order has got; a late one is called late, with the days. Of several orders each is told."""

    action = "action_order_status"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        customer_id, number = talk.data["customer_id"], talk.text("order_number")
        order = await self.shop.order(customer_id, number)
        mine = {own.number: own for own in await self.shop.orders(customer_id)}
        others = [mine[named] for named in answers.order_numbers(talk.turn.text) if named != number and named in mine]
        for other in others:
            self._tell(talk, other, self._state(other))
        state = self._state(order)
        told_before = {"action": self.action, "outcome": state, "order_number": number}
        again = not others and talk.get("last_outcome") == told_before
        self._tell(talk, order, AGAIN.get(state, state) if again else state)
        return state

    def remembered(self, talk: Talk, outcome: str) -> dict[str, object]:
        """See :class:`ShopAction`. With the order, so that the same is not told twice in the same words."""
        return {**super().remembered(talk, outcome), "order_number": talk.text("order_number")}

    def _tell(self, talk: Talk, order: Order, state: str) -> None:
        talk.say(
            f"utter_order_{state}",
            (),
            order_card(order, self.services),
            order_number=order.number,
            products=products_of(order),
            carrier=order.delivery.carrier,
            tracking_number=order.delivery.tracking_number or "",
            day=order.delivery.delivered_on or order.delivery.expected_on,
            days=order.delivery.days_late(self.services.today()),
        )

    def _state(self, order: Order) -> str:
        """The order's state as the responses tell it apart: ``shipped``, ``shipped_today``, ``shipped_late`` ..."""
        days_late = order.delivery.days_late(self.services.today())
        if order.state is OrderState.SHIPPED and order.delivery.expected_on == self.services.today():
            return "shipped_today"
        if order.state is OrderState.CANCELLED or days_late == 0:
            return order.state.value
        if order.state is OrderState.SHIPPED:
            return "shipped_late_by_a_day" if days_late == 1 else "shipped_late"
        return "not_shipped_late"


class ChangeOrderForm(Form):
    """Which order, what about it, and is that right?"""

    form = "change_order_form"
    intent = "change_order"
    action = "action_change_order"

    def prefill(self, talk: Talk) -> None:
        """See :class:`Form`."""
        talk.set("change_kind", answers.mentioned(talk.turn.text, self.services.choices.options("change_kind")))

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        order = await find_order(talk, self.shop, is_open)
        if not isinstance(order, Order):
            return order
        require_open(order)
        match talk.get("change_kind"):
            case "address":
                return self._address(talk, order)
            case "quantity":
                return self._quantity(talk, order)
            case "something_else":
                return Leave("utter_change_something_else", "beyond_self_service")
            case _:
                options = self.services.choices.options("change_kind")
                return Ask("change_kind", "utter_question_change_kind", {"order_number": order.number}, options)

    def _address(self, talk: Talk, order: Order) -> Step:
        if talk.get("new_address") is None:
            return Ask("new_address", "utter_question_delivery_address", {"order_number": order.number})
        if talk.get("confirm_change") is None:
            values = {"order_number": order.number, "new_address": talk.text("new_address")}
            return Ask("confirm_change", "utter_question_confirm_order_address", values)
        return Ready()

    def _quantity(self, talk: Talk, order: Order) -> Step:
        if order.state is OrderState.PACKED:
            raise NotAllowed(Refusal.ALREADY_PACKED)
        line = find_item(talk, order)
        if isinstance(line, Ask):
            return line
        talk.set("item", line.sku)
        values = {"order_number": order.number, "product": line.product, "quantity": line.quantity}
        if talk.get("quantity") is None:
            return Ask("quantity", "utter_question_quantity", values)
        if talk.get("confirm_change") is None:
            total = order.total + line.unit_price * (int(talk.get("quantity")) - line.quantity)
            values |= {"quantity": talk.get("quantity")}
            return Ask("confirm_change", "utter_question_confirm_quantity", {**values, "total": total})
        return Ready()


class ChangeOrder(ShopAction):
    """Changes an order that has not shipped."""

    action = "action_change_order"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        number, customer_id = talk.text("order_number"), talk.data["customer_id"]
        if not talk.get("confirm_change"):
            talk.say("utter_change_dropped", order_number=number)
            return "kept"
        if talk.get("change_kind") == ADDRESS:
            order = await self.shop.change_order_address(
                customer_id, number, talk.text("new_address"), idempotency_key=self.key(talk)
            )
            card = order_card(order, self.services)
            talk.say("utter_order_address_changed", (), card, order_number=number, new_address=order.address)
            return "address_changed"
        order = await self.shop.change_order_quantity(
            customer_id, number, talk.text("item"), int(talk.get("quantity")), idempotency_key=self.key(talk)
        )
        talk.say(
            "utter_order_quantity_changed",
            (),
            order_card(order, self.services),
            order_number=number,
            products=products_of(order),
            total=order.total,
        )
        return "quantity_changed"


class CancelOrderForm(Form):
    """Which order, and really?"""

    form = "cancel_order_form"
    intent = "cancel_order"
    action = "action_cancel_order"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        order = await find_order(talk, self.shop, is_open)
        if not isinstance(order, Order):
            return order
        if talk.get("confirm_cancel") is None:
            require_open(order)
            values = {"order_number": order.number, "products": products_of(order), "total": order.total}
            return Ask("confirm_cancel", "utter_question_confirm_cancel", values)
        return Ready()


class CancelOrder(ShopAction):
    """Cancels an order that has not shipped and says when the money is back."""

    action = "action_cancel_order"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        number = talk.text("order_number")
        if not talk.get("confirm_cancel"):
            talk.say("utter_cancel_dropped", order_number=number)
            return "kept"
        done = await self.shop.cancel_order(talk.data["customer_id"], number, idempotency_key=self.key(talk))
        talk.say("utter_order_cancelled_now", order_number=number, amount=done.amount_back, day=done.back_by)
        return "cancelled"


class DeliveryOptions(ShopAction):
    """Says how an order can be delivered, by when and for how much; with the days where the postcode is known."""

    action = "action_delivery_options"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        if talk.get("last_outcome") == REFUNDED and not DELIVERY_WORDS.intersection(answers.words_of(talk.turn.text)):
            talk.say("utter_faq/returns_refunds_refund_time")
            return "refund_time_told"
        postcode = answers.postcode(talk.text("postcode")) or await self._postcode_of_the_account(talk)
        if postcode is None:
            talk.say("utter_delivery_in_general")
            return "told_in_general"
        options = await self.shop.delivery_options(postcode)
        lines = [f"• {option.name}: {formatted(option.price)}, {formatted(option.earliest_on)}" for option in options]
        talk.say("utter_delivery_options", postcode=postcode, options="\n".join(lines))
        return "told"

    async def _postcode_of_the_account(self, talk: Talk) -> str | None:
        customer = await known_customer(talk, self.shop)
        return None if customer is None else answers.postcode(customer.address)

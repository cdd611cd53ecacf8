"""What a customer has ordered, and an order's confirmation once more."""

from __future__ import annotations

from typing import Final

from actions.cards import orders_card
from actions.forms import Form, Leave, Ready, Step
from actions.lookup import find_customer, find_order, products_of
from actions.shop.model import Customer, Order
from actions.shop_action import ShopAction
from actions.talk import Talk, button, formatted

MOST_LISTED: Final = 6
"""More would be a wall of text; the rest is on the customer's page of orders."""


class ListOrdersForm(Form):
    """Whose orders?"""

    informs = True
    form = "list_orders_form"
    intent = "list_orders"
    action = "action_list_orders"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await find_customer(talk, self.shop)
        return Ready() if isinstance(customer, Customer) else customer


class ListOrders(ShopAction):
    """Lists the latest orders, newest first, each with a button that tells where it is."""

    action = "action_list_orders"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        orders = await self.shop.orders(talk.data["customer_id"])
        if not orders:
            talk.say("utter_orders_none")
            return "no_orders"
        listed = orders[:MOST_LISTED]
        states = self.services.choices.names["order_state"]
        lines = [
            f"• {order.number}, {formatted(order.placed_on)}: {products_of(order)}, {formatted(order.total)}"
            f" ({states[order.state.value]})"
            for order in listed
        ]
        buttons = [button(order.number, "order_number", order.number) for order in listed]
        response = "utter_orders_listed" if len(listed) == len(orders) else "utter_orders_listed_in_part"
        card = orders_card(listed, self.services)
        talk.say(response, buttons, card, orders="\n".join(lines), count=len(listed), all=len(orders))
        return "listed"


class ConfirmationForm(Form):
    """The confirmation of which order?"""

    informs = True
    form = "confirmation_form"
    intent = "resend_confirmation"
    action = "action_send_confirmation"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`. A customer who has never ordered is told that there is nothing to confirm."""
        order = await find_order(talk, self.shop, lambda _: True)
        if isinstance(order, Order):
            return Ready()
        has_orders = talk.data.get("customer_id") and await self.shop.orders(talk.data["customer_id"])
        if talk.data.get("customer_id") and not has_orders:
            return Leave("utter_orders_none", "no_orders")
        return order


class SendConfirmation(ShopAction):
    """Sends the confirmation to the address on file, never to another one."""

    action = "action_send_confirmation"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        number = talk.text("order_number")
        sent = await self.shop.send_confirmation(talk.data["customer_id"], number, idempotency_key=self.key(talk))
        talk.say("utter_confirmation_sent", order_number=number, email=sent.masked_email)
        return "sent"

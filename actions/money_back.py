"""Refunds and returns that are under way: where the money or the parcel is, and keeping an item after all."""

from __future__ import annotations

from collections.abc import Collection

from actions.cards import money_card, return_card
from actions.dialogue import answers
from actions.dialogue.turn import Option
from actions.forms import Ask, Form, Leave, Ready, Step
from actions.lookup import find_order, known_customer, short_names
from actions.shop.errors import NotAllowed, Refusal
from actions.shop.model import MoneyBack, Order, RefundKind, Return, ReturnState
from actions.shop.port import Shop
from actions.shop_action import ShopAction
from actions.talk import Talk


async def find_among(talk: Talk, shop: Shop, numbers: Collection[str], nothing: Leave) -> Order | Ask | Leave:
    """The order that is asked about, of those with something under way; ``nothing`` where a verified customer has none
    and names none."""
    names_one = not talk.activating or "order_number" in talk.turn.entities
    if not numbers and not names_one and await known_customer(talk, shop) is not None:
        return nothing
    return await find_order(talk, shop, lambda order: order.number in numbers)


class RefundStatusForm(Form):
    """The money of which order?"""

    informs = True
    form = "refund_status_form"
    intent = "refund_status"
    action = "action_refund_status"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`. Of a cancelled order whose money has long been free nobody asks, unless it is named."""
        customer = await known_customer(talk, self.shop)
        numbers: set[str] = set()
        if customer is not None:
            sent = await self.shop.money_back(customer.id)
            today = self.services.today()
            fresh = [money for money in sent if money.kind is RefundKind.REFUND or money.arrives_by >= today]
            waiting = await self.shop.returns(customer.id)
            numbers = {found.order_number for found in (*(fresh or ([] if waiting else sent)), *waiting)}
        order = await find_among(talk, self.shop, numbers, Leave("utter_money_none", "nothing_under_way"))
        return Ready() if isinstance(order, Order) else order


class RefundStatus(ShopAction):
    """Says of each sum of the order whether it was sent and when it arrives; of an overdue one that a person traces."""

    action = "action_refund_status"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        customer_id, number = talk.data["customer_id"], talk.text("order_number")
        sent = [money for money in await self.shop.money_back(customer_id) if money.order_number == number]
        paid = [self._tell_sent(talk, money) for money in sent]
        open_returns = [
            found
            for found in await self.shop.returns(customer_id)
            if found.order_number == number and found.state is not ReturnState.REFUNDED
        ]
        told = [*paid, *(self._tell_waiting(talk, found) for found in open_returns)]
        if not told:
            talk.say("utter_money_none_for_order", order_number=number)
            return "nothing_under_way"
        return told[0]

    def _tell_sent(self, talk: Talk, money: MoneyBack) -> str:
        state = "set_free" if money.kind is RefundKind.CANCELLATION else "sent"
        if money.arrives_by < self.services.today():
            state = f"{state}_overdue"
        talk.say(
            f"utter_money_{state}",
            (),
            money_card(money, self.services.today()),
            order_number=money.order_number,
            product=money.product or "",
            amount=money.amount,
            day=money.sent_on,
            until=money.arrives_by,
        )
        return state

    def _tell_waiting(self, talk: Talk, found: Return) -> str:
        state = "after_check" if found.state is ReturnState.RECEIVED else "after_parcel"
        talk.say(
            f"utter_money_{state}",
            (),
            return_card(found),
            order_number=found.order_number,
            product=found.product,
            amount=found.amount,
            day=found.received_on or found.send_by,
            until=found.refund_by or "",
        )
        return state


class ReturnStatusForm(Form):
    """The return of which order?"""

    informs = True
    form = "return_status_form"
    intent = "return_status"
    action = "action_return_status"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await known_customer(talk, self.shop)
        returns = () if customer is None else await self.shop.returns(customer.id)
        numbers = {found.order_number for found in returns}
        order = await find_among(talk, self.shop, numbers, Leave("utter_return_none", "no_return"))
        return Ready() if isinstance(order, Order) else order


class ReturnStatus(ShopAction):
    """Says of each return of the order whether the parcel has arrived, and what comes next."""

    action = "action_return_status"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        number = talk.text("order_number")
        returns = [found for found in await self.shop.returns(talk.data["customer_id"]) if found.order_number == number]
        for found in returns:
            talk.say(
                f"utter_return_{found.state.value}",
                (),
                return_card(found),
                number=found.number,
                order_number=number,
                product=found.product,
                amount=found.amount,
                day=found.received_on or found.send_by,
                until=found.refund_by or "",
            )
        if not returns:
            talk.say("utter_return_none_for_order", order_number=number)
            return "no_return"
        return returns[0].state.value


class CancelReturnForm(Form):
    """The return of which order and item, and shall it really be called off?"""

    form = "cancel_return_form"
    intent = "cancel_return"
    action = "action_cancel_return"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await known_customer(talk, self.shop)
        mine = () if customer is None else await self.shop.returns(customer.id)
        numbers = {found.order_number for found in mine if found.state is ReturnState.REGISTERED}
        nothing = Leave("utter_return_none_to_cancel", "no_return")
        order = await find_among(talk, self.shop, numbers, nothing)
        if not isinstance(order, Order):
            return order
        if talk.get("confirm_keep") is not None:
            return Ready()
        returns = [found for found in await self.shop.returns(order.customer_id) if found.order_number == order.number]
        if not returns:
            raise NotAllowed(Refusal.NO_RETURN)
        chosen = _which(talk, returns)
        if isinstance(chosen, Ask):
            return chosen
        if chosen.state is not ReturnState.REGISTERED:
            raise NotAllowed(Refusal.RETURN_RECEIVED)
        talk.set("item", chosen.sku)
        values = {"number": chosen.number, "order_number": order.number, "product": chosen.product}
        return Ask("confirm_keep", "utter_question_confirm_keep", values)


class CancelReturn(ShopAction):
    """Calls a return off: the label is void and the item stays."""

    action = "action_cancel_return"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        number = talk.text("order_number")
        if not talk.get("confirm_keep"):
            talk.say("utter_return_goes_on", order_number=number)
            return "goes_on"
        off = await self.shop.cancel_return(
            talk.data["customer_id"], number, talk.text("item"), idempotency_key=self.key(talk)
        )
        talk.say("utter_return_cancelled", number=off.number, order_number=number, product=off.product, day=off.send_by)
        return "return_cancelled"


def _which(talk: Talk, returns: list[Return]) -> Return | Ask:
    """The return that is meant: the only one that can still be called off, or the one that is named."""
    registered = [found for found in returns if found.state is ReturnState.REGISTERED]
    if len(registered) <= 1:
        return (registered or returns)[0]
    options = tuple(Option(found.sku, found.product, short_names(found.product)) for found in registered)
    if talk.get("item") is None and talk.activating:
        talk.set("item", answers.mentioned(talk.turn.text, options))
    for found in registered:
        if found.sku == talk.get("item"):
            return found
    return Ask("item", "utter_question_item", {"order_number": returns[0].order_number}, options)

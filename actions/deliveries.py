"""Moving the delivery of an order to another day."""

from __future__ import annotations

from datetime import date
from typing import Final

from actions.cards import order_card
from actions.dialogue import answers
from actions.dialogue.days import named_day
from actions.dialogue.turn import Option, word_set
from actions.forms import Ask, Form, Ready, Step, unreadable
from actions.lookup import find_order, products_of
from actions.orders import is_coming
from actions.shop.errors import NotAllowed, Refusal
from actions.shop.model import Order
from actions.shop_action import ShopAction
from actions.talk import Talk, formatted

OFFERED: Final = 6
"""So many days have a button; any other possible one can be named."""
NOT_THEN: Final = word_set("not don't can't won't isn't aren't away out off due until back except instead rather from")
"""Beside these words a day in the first sentence may be one on which nobody is in."""


class RescheduleForm(Form):
    """The delivery of which order, to which day, and is that right?"""

    form = "reschedule_form"
    intent = "reschedule_delivery"
    action = "action_reschedule"

    def prefill(self, talk: Talk) -> None:
        """See :class:`Form`. "Move it to Friday" names the day; "I'm away on Friday" does not."""
        if NOT_THEN.isdisjoint(answers.words_of(talk.turn.text)):
            day = named_day(talk.turn.text, self.services.today())
            talk.set("delivery_day", None if day is None else day.isoformat())

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        order = await find_order(talk, self.shop, is_coming)
        if not isinstance(order, Order):
            return order
        if talk.get("confirm_day") is not None:
            return Ready()
        days = await self.shop.delivery_days(order.customer_id, order.number)
        if not days:
            raise NotAllowed(Refusal.TOO_LATE_TO_MOVE)
        question = _question(order, days)
        if talk.get("delivery_day") is None:
            return question
        day = date.fromisoformat(talk.text("delivery_day"))
        if day not in days:
            values = {"order_number": order.number, "first": days[0], "last": days[-1], "day": day}
            return unreadable(talk, "delivery_day", "utter_day_not_possible", **values) or question
        values = {"order_number": order.number, "products": products_of(order), "day": day}
        return Ask("confirm_day", "utter_question_confirm_day", values)


class Reschedule(ShopAction):
    """Moves the delivery and says when it comes."""

    action = "action_reschedule"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        number = talk.text("order_number")
        if not talk.get("confirm_day"):
            talk.say("utter_day_kept", order_number=number)
            return "kept"
        order = await self.shop.move_delivery(
            talk.data["customer_id"],
            number,
            date.fromisoformat(talk.text("delivery_day")),
            idempotency_key=self.key(talk),
        )
        talk.say(
            "utter_delivery_moved",
            (),
            order_card(order, self.services),
            order_number=number,
            products=products_of(order),
            carrier=order.delivery.carrier,
            day=order.delivery.expected_on,
        )
        return "delivery_moved"


def _question(order: Order, days: tuple[date, ...]) -> Ask:
    options = tuple(Option(day.isoformat(), str(formatted(day))) for day in days[:OFFERED])
    values = {"order_number": order.number, "day": order.delivery.expected_on, "last": days[-1]}
    return Ask("delivery_day", "utter_question_delivery_day", values, options)

"""Damaged and missing items, returns, and refunds within the assistant's authority."""

from __future__ import annotations

from decimal import Decimal

from actions.cards import label_card, refund_card
from actions.dialogue import answers
from actions.forms import Ask, Form, Ready, Step
from actions.lookup import find_item, find_order
from actions.shop.errors import NotAllowed, Refusal
from actions.shop.model import Order, OrderLine, OrderState, ProblemKind
from actions.shop_action import ShopAction
from actions.talk import Talk


def is_delivered(order: Order) -> bool:
    """Whether an order has arrived."""
    return order.state is OrderState.DELIVERED


def require_delivered(order: Order) -> None:
    """Raises ``NotAllowed`` for an order that has not arrived or was cancelled."""
    if order.state is OrderState.CANCELLED:
        raise NotAllowed(Refusal.ALREADY_CANCELLED)
    if not is_delivered(order):
        raise NotAllowed(Refusal.NOT_DELIVERED)


class ReportProblemForm(Form):
    """Which order and item, what is wrong with it, and how does it look?"""

    form = "report_problem_form"
    intent = "report_problem_item"
    action = "action_report_problem"

    def prefill(self, talk: Talk) -> None:
        """See :class:`Form`."""
        talk.set("problem_kind", answers.mentioned(talk.turn.text, self.services.choices.options("problem_kind")))

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        order = await find_order(talk, self.shop, is_delivered)
        if not isinstance(order, Order):
            return order
        require_delivered(order)
        line = find_item(talk, order)
        if isinstance(line, Ask):
            return line
        talk.set("item", line.sku)
        values = {"order_number": order.number, "product": line.product}
        if talk.get("problem_kind") is None:
            options = self.services.choices.options("problem_kind")
            return Ask("problem_kind", "utter_question_problem_kind", values, options)
        if talk.get("problem_description") is None:
            kind = ProblemKind(talk.get("problem_kind"))
            return Ask("problem_description", f"utter_question_describe_{kind.value}", values)
        return Ready()


class ReportProblem(ShopAction):
    """Records the problem and starts the remedy."""

    action = "action_report_problem"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        report = await self.shop.report_problem(
            talk.data["customer_id"],
            talk.text("order_number"),
            talk.text("item"),
            ProblemKind(talk.get("problem_kind")),
            talk.text("problem_description"),
            idempotency_key=self.key(talk),
        )
        talk.say(
            f"utter_problem_{report.remedy.value}",
            number=report.number,
            order_number=report.order_number,
            product=report.product,
            day=report.by,
        )
        return report.remedy.value


class ReturnForm(Form):
    """Which order and item, and why?"""

    form = "return_form"
    intent = "return_item"
    action = "action_return_item"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        order = await find_order(talk, self.shop, is_delivered)
        if not isinstance(order, Order):
            return order
        require_delivered(order)
        line = find_item(talk, order)
        if isinstance(line, Ask):
            return line
        talk.set("item", line.sku)
        if talk.get("reason") is None:
            values = {"order_number": order.number, "product": line.product}
            return Ask("reason", "utter_question_return_reason", values)
        return Ready()


class ReturnItem(ShopAction):
    """Registers a return and gives the label."""

    action = "action_return_item"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        label = await self.shop.return_item(
            talk.data["customer_id"],
            talk.text("order_number"),
            talk.text("item"),
            talk.text("reason"),
            idempotency_key=self.key(talk),
        )
        talk.say(
            "utter_return_label",
            (),
            label_card(label),
            number=label.number,
            order_number=label.order_number,
            product=label.product,
            url=label.url,
            day=label.send_by,
        )
        return "label_sent"


class RefundForm(Form):
    """Which order and item, why, and is the sum right? A sum above the authority is not asked to be confirmed."""

    form = "refund_form"
    intent = "request_refund"
    action = "action_refund"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        order = await find_order(talk, self.shop, is_delivered)
        if not isinstance(order, Order):
            return order
        line = find_item(talk, order)
        if isinstance(line, Ask):
            return line
        talk.set("item", line.sku)
        if talk.get("confirm_refund") is not None:
            return Ready()
        return await self._settle(talk, order, line)

    async def _settle(self, talk: Talk, order: Order, line: OrderLine) -> Step:
        """Works out the sum, asks why, and asks to confirm what the assistant may pay."""
        quote = await self.shop.quote_refund(order.customer_id, order.number, line.sku)
        talk.data |= {"amount": str(quote.amount), "refunded_before": str(quote.refunded_before)}
        values = {"order_number": order.number, "product": line.product, "amount": quote.amount}
        if talk.get("reason") is None:
            return Ask("reason", "utter_question_refund_reason", values)
        if quote.amount + quote.refunded_before > self.services.refund_limit:
            return Ready()
        return Ask("confirm_refund", "utter_question_confirm_refund", values)


class RefundItem(ShopAction):
    """Pays back within the authority (P4); above it the conversation goes to a person in the same turn."""

    action = "action_refund"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        number, amount = talk.text("order_number"), Decimal(talk.data["amount"])
        limit = self.services.refund_limit
        if amount + Decimal(talk.data["refunded_before"]) > limit:
            talk.say("utter_refund_above_limit", order_number=number, amount=amount, limit=limit)
            exceeded = {
                "authority": "refund",
                "topic": RefundForm.intent,
                "action": self.action,
                "amount": str(amount),
                "limit": str(limit),
            }
            talk.set("authority_exceeded", exceeded)
            talk.hand_over()
            return "above_authority"
        if not talk.get("confirm_refund"):
            talk.say("utter_refund_dropped", order_number=number)
            return "not_confirmed"
        refund = await self.shop.refund(
            talk.data["customer_id"],
            number,
            talk.text("item"),
            amount,
            talk.text("reason"),
            idempotency_key=self.key(talk),
        )
        talk.say(
            "utter_refund_done",
            (),
            refund_card(refund),
            number=refund.number,
            order_number=number,
            product=refund.product,
            amount=refund.amount,
            day=refund.arrives_by,
        )
        return "refunded"

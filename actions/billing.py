"""Copies of invoices, and what a charge is for."""

from __future__ import annotations

from collections.abc import Mapping

from actions.dialogue import answers
from actions.dialogue.turn import Option
from actions.forms import Ask, Form, Leave, Ready, Step, unreadable
from actions.lookup import find_customer, known_customer, newest_first, products_of, short_names
from actions.shop.errors import CustomerNotFound
from actions.shop.model import Charge, ChargeKind, Customer, Invoice, Order
from actions.shop_action import ShopAction
from actions.talk import Talk, formatted


class InvoiceForm(Form):
    """Which invoice? An unverified visitor also names the e-mail address on it."""

    informs = True
    form = "invoice_form"
    intent = "invoice_copy"
    action = "action_send_invoice"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await known_customer(talk, self.shop)
        typed = talk.text("invoice_number")
        talk.set("invoice_number", answers.invoice_number(typed))
        if customer is None:
            return await self._unverified(talk)
        talk.data["customer_id"] = customer.id
        invoices = await self.shop.invoices(customer.id)
        self._by_order(talk, invoices)
        number = talk.get("invoice_number")
        if number is None:
            return await self._which(customer.id, invoices)
        if all(invoice.number != number for invoice in invoices):
            given_up = unreadable(talk, "invoice_number", "utter_invoice_not_found", invoice_number=number)
            return given_up or await self._which(customer.id, invoices)
        return Ready()

    async def _which(self, customer_id: str, invoices: tuple[Invoice, ...]) -> Ask | Leave:
        return _which_invoice(invoices, {order.number: order for order in await self.shop.orders(customer_id)})

    def _by_order(self, talk: Talk, invoices: tuple[Invoice, ...]) -> None:
        """An order named in this message stands for its invoice."""
        if "order_number" in talk.turn.entities and "invoice_number" not in talk.turn.entities:
            number = answers.order_number(talk.text("order_number"))
            for invoice in invoices:
                if invoice.order_number is not None and invoice.order_number == number:
                    talk.set("invoice_number", invoice.number)

    async def _unverified(self, talk: Talk) -> Step:
        number = talk.get("invoice_number")
        if number is None:
            return Ask("invoice_number", "utter_question_invoice_number")
        if talk.get("email") is None:
            return Ask("email", "utter_question_email_invoice", {"invoice_number": number})
        try:
            customer = await self.shop.customer_by_invoice(number, talk.text("email"))
        except CustomerNotFound:
            talk.set("email", None)
            given_up = unreadable(talk, "invoice_number", "utter_invoice_not_matched", invoice_number=number)
            return given_up or Ask("invoice_number", "utter_question_invoice_number")
        talk.data["customer_id"] = customer.id
        return Ready()


class SendInvoice(ShopAction):
    """Sends a copy to the address on file, never to another one."""

    action = "action_send_invoice"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        sent = await self.shop.send_invoice(
            talk.data["customer_id"], talk.text("invoice_number"), idempotency_key=self.key(talk)
        )
        talk.say("utter_invoice_sent", invoice_number=sent.invoice_number, email=sent.masked_email)
        return "sent"


class ChargeForm(Form):
    """Which charge?"""

    informs = True
    form = "charge_form"
    intent = "explain_charge"
    action = "action_explain_charge"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await find_customer(talk, self.shop)
        if not isinstance(customer, Customer):
            return customer
        charges = await self.shop.charges(customer.id)
        if not charges:
            return Leave("utter_no_charges", "no_charges")
        if talk.get("charge") is None:
            talk.set("charge", _named_charge(talk, charges, self.services.choices.doubled))
        if talk.get("charge") is None:
            options = newest_first(tuple(_charge_option(charge) for charge in charges))
            return Ask("charge", "utter_question_charge", {}, options)
        return Ready()


class ExplainCharge(ShopAction):
    """Says what a charge is for. A second line for one purchase is usually the bank's hold: that is explained."""

    action = "action_explain_charge"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        charges = await self.shop.charges(talk.data["customer_id"])
        charge = next((charge for charge in charges if charge.id == talk.get("charge")), None)
        if charge is None:
            talk.say("utter_no_charges")
            return "not_found"
        talk.say(
            f"utter_charge_{charge.kind.value}",
            amount=charge.amount,
            day=charge.charged_on,
            reference=charge.reference,
            invoice_number=charge.invoice_number or "",
        )
        return charge.kind.value


def _which_invoice(invoices: tuple[Invoice, ...], orders: Mapping[str, Order]) -> Ask | Leave:
    if not invoices:
        return Leave("utter_no_invoices", "no_invoices")
    options = tuple(_invoice_option(invoice, orders.get(invoice.order_number or "")) for invoice in invoices)
    return Ask("invoice_number", "utter_question_invoice_choose", {}, newest_first(options), entity="invoice_number")


def _invoice_option(invoice: Invoice, order: Order | None) -> Option:
    """An invoice is known by what was bought, the plan's by its day."""
    about = formatted(invoice.issued_on) if order is None else products_of(order)
    products = () if order is None else tuple(line.product for line in order.lines)
    words = (*products, *(name for product in products for name in short_names(product)))
    return Option(
        invoice.number,
        f"{invoice.number}: {about}, {formatted(invoice.amount)}",
        (*((invoice.order_number,) if invoice.order_number else ()), *words),
    )


def _charge_option(charge: Charge) -> Option:
    """The amount may be said with or without its pence."""
    title = f"{formatted(charge.amount)}, {formatted(charge.charged_on)}, {charge.reference}"
    return Option(charge.id, title, (charge.reference, str(charge.amount), str(int(charge.amount))))


def _named_charge(talk: Talk, charges: tuple[Charge, ...], doubled: tuple[str, ...]) -> str | None:
    """The charge whose sum the message names. Of two with one sum the hold is meant: it looks like the mistake."""
    if not talk.activating:
        return None
    named = talk.turn.entities.get("amount") or answers.sum_with_pence(talk.turn.text)
    amount = answers.amount(named) if named else None
    fitting = [charge for charge in charges if charge.amount == amount] if amount is not None else []
    if not fitting and set(doubled).intersection(answers.words_of(talk.turn.text)):
        fitting = [charge for charge in charges if charge.kind is ChargeKind.HOLD]
    holds = [charge for charge in fitting if charge.kind is ChargeKind.HOLD]
    chosen = holds or (fitting if len(fitting) == 1 else [])
    return chosen[0].id if chosen else None

"""The customer's account: another address, and getting back in."""

from __future__ import annotations

from actions.dialogue import answers
from actions.forms import Ask, Form, Ready, Step
from actions.lookup import find_customer, known_customer
from actions.shop.model import Customer
from actions.shop_action import ShopAction
from actions.talk import Talk


class AddressForm(Form):
    """Whose account, which address, and is it right?"""

    form = "address_form"
    intent = "change_address"
    action = "action_change_address"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await find_customer(talk, self.shop)
        if not isinstance(customer, Customer):
            return customer
        if talk.get("new_address") is None:
            return Ask("new_address", "utter_question_new_address")
        if talk.get("confirm_address") is None:
            values = {"new_address": talk.text("new_address")}
            return Ask("confirm_address", "utter_question_confirm_address", values)
        return Ready()


class ChangeAddress(ShopAction):
    """Changes the address of the account."""

    action = "action_change_address"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        if not talk.get("confirm_address"):
            talk.say("utter_address_dropped")
            return "kept"
        customer = await self.shop.change_address(
            talk.data["customer_id"], talk.text("new_address"), idempotency_key=self.key(talk)
        )
        talk.say("utter_address_changed", new_address=customer.address)
        return "address_changed"


class AccessForm(Form):
    """To which e-mail address does the account belong? A verified customer's is known."""

    form = "access_form"
    intent = "reset_access"
    action = "action_reset_access"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await known_customer(talk, self.shop)
        email = customer.email if customer else answers.email(talk.text("email"))
        talk.set("email", email)
        return Ready() if email else Ask("email", "utter_question_email_account")


class ResetAccess(ShopAction):
    """Has a link sent. What is said is the same whether or not there is such an account."""

    action = "action_reset_access"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        email = talk.text("email")
        await self.shop.send_access_link(email, idempotency_key=self.key(talk))
        talk.say("utter_access_link_sent", email=email)
        return "link_requested"

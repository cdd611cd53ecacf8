"""What a customer owns: until when the guarantee runs, and how a repair is getting on."""

from __future__ import annotations

from typing import Final

from actions.dialogue import answers
from actions.dialogue.turn import Option
from actions.forms import Ask, Form, Leave, Ready, Step
from actions.lookup import find_customer, find_order, short_names
from actions.returns import is_delivered, require_delivered
from actions.shop.model import Customer, Device, Order, Repair, RepairState
from actions.shop_action import ShopAction
from actions.talk import Talk, with_year

MOST_TOLD: Final = 3


class GuaranteeForm(Form):
    """Which of the customer's devices? It may be named by its order."""

    informs = True
    form = "guarantee_form"
    intent = "guarantee_check"
    action = "action_guarantee"

    def prefill(self, talk: Talk) -> None:
        """See :class:`Form`. Kept until it is known whose devices there are."""
        talk.data["by_order"] = "order_number" in talk.turn.entities
        talk.data["named"] = [talk.turn.entities.get("product", ""), talk.turn.text]

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        if talk.data.get("by_order"):
            order = await find_order(talk, self.shop, is_delivered)
            if not isinstance(order, Order):
                return order
            require_delivered(order)
            bought = {line.product for line in order.lines}
            devices = [device for device in await self.shop.devices(order.customer_id) if device.name in bought]
        else:
            customer = await find_customer(talk, self.shop)
            if not isinstance(customer, Customer):
                return customer
            devices = list(await self.shop.devices(customer.id))
        return self._which(talk, devices)

    def _which(self, talk: Talk, devices: list[Device]) -> Step:
        if not devices:
            return Leave("utter_guarantee_no_devices", "no_devices")
        options = tuple(Option(device.name, device.name, short_names(device.name)) for device in devices)
        product, text = talk.data.pop("named", None) or ("", "")
        if talk.get("owned_device") is None and (product or text):
            talk.set("owned_device", answers.mentioned(text, options) or answers.choice(product, options))
        if talk.get("owned_device") is None and product and not _fits_several(product, options):
            return Leave("utter_guarantee_not_found", "not_on_account", {"product": product})
        if talk.get("owned_device") is None and len(devices) == 1:
            talk.set("owned_device", devices[0].name)
        if talk.get("owned_device") is None:
            return Ask("owned_device", "utter_question_owned_device", {}, options)
        return Ready()


class Guarantee(ShopAction):
    """Says until when a device is under guarantee, and what helps afterwards."""

    action = "action_guarantee"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        devices = await self.shop.devices(talk.data["customer_id"])
        device = next((device for device in devices if device.name == talk.get("owned_device")), None)
        if device is None:
            talk.say("utter_guarantee_no_devices")
            return "not_found"
        state = "valid" if device.warranty_until >= self.services.today() else "over"
        talk.say(f"utter_guarantee_{state}", device=device.name, until=with_year(device.warranty_until))
        return state


class RepairStatusForm(Form):
    """Whose repair, and is it to be moved or called off?"""

    informs = True
    form = "repair_status_form"
    intent = "repair_status"
    action = "action_repair_status"

    def prefill(self, talk: Talk) -> None:
        """See :class:`Form`. Another day, or no visit at all, is not for the assistant to arrange."""
        wish = answers.mentioned(talk.turn.text, self.services.choices.options("repair_wish"))
        talk.data["wants_change"] = wish is not None
        talk.data["named"] = talk.turn.entities.get("product", "")

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await find_customer(talk, self.shop)
        if not isinstance(customer, Customer):
            return customer
        if not await self.shop.repairs(customer.id):
            return Leave("utter_repair_none", "no_repair")
        return Ready()


class RepairStatus(ShopAction):
    """Says when the engineer comes, or when a device that was sent in is back. To move or call off a visit is beyond
    the assistant: then the conversation goes to a person in the same turn."""

    action = "action_repair_status"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        repairs = await self.shop.repairs(talk.data["customer_id"])
        named = [repair for repair in repairs if repair.device == talk.data.get("named")]
        still_open = [repair for repair in named or repairs if repair.state is not RepairState.FINISHED]
        told = [self._tell(talk, repair) for repair in (still_open or list(named or repairs)[-1:])[:MOST_TOLD]]
        if talk.data.get("wants_change") and still_open:
            talk.say("utter_repair_change_by_person")
            talk.set("paused_request", None)  # a person goes on from here
            talk.hand_over()
            return "beyond_authority"
        return told[0]

    def _tell(self, talk: Talk, repair: Repair) -> str:
        late = repair.state is RepairState.WORKSHOP and repair.on < self.services.today()
        state = "late" if late else repair.state.value
        talk.say(f"utter_repair_{state}", number=repair.number, device=repair.device, day=repair.on)
        return state


def _fits_several(product: str, options: tuple[Option, ...]) -> bool:
    """Whether the customer has more than one device of this name: then they are asked which, not told that there is
    none."""
    words = set(answers.words_of(product))
    return any(words & set(answers.words_of(option.title)) for option in options)

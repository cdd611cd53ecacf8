"""Troubleshooting a device step by step; where no step helps, a repair or a person."""

from __future__ import annotations

from actions.content import DeviceGuide, Symptom
from actions.dialogue import answers
from actions.dialogue.turn import Option
from actions.forms import Ask, Form, Leave, Ready, Step
from actions.lookup import find_customer, known_customer
from actions.shop.model import Customer
from actions.shop_action import ShopAction
from actions.talk import Talk


class TroubleshootForm(Form):
    """Which device, what does it do, and did that help? ``data["step"]`` counts the steps given, from 1."""

    form = "troubleshoot_form"
    intent = "troubleshoot_device"
    action = "action_troubleshoot"

    def prefill(self, talk: Talk) -> None:
        """See :class:`Form`. Device and symptom are often named in the first sentence."""
        guides = self.services.guides
        named = talk.turn.entities.get("product", "")
        device = answers.choice(named, guides.options()) or answers.mentioned(talk.turn.text, guides.options())
        talk.set("device", device)
        if device is not None:
            talk.set("symptom", answers.mentioned(talk.turn.text, guides.devices[device].options()))
        elif named:
            talk.data["unknown_device"] = named

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        guide = self.services.guides.devices.get(talk.text("device"))
        if guide is None:
            if "unknown_device" in talk.data:
                return Leave("utter_troubleshoot_unknown", "no_guide", {"device": talk.data["unknown_device"]})
            return Ask("device", "utter_question_device", {}, await self._devices(talk))
        if len(guide.symptoms) == 1:
            talk.set("symptom", next(iter(guide.symptoms)))
        symptom = guide.symptoms.get(talk.text("symptom"))
        if symptom is None:
            return Ask("symptom", "utter_question_symptom", {"device": talk.text("device")}, guide.options())
        if talk.get("wants_repair") is None:
            step = self._next_instruction(talk, guide, symptom)
            if step is not None:
                return step
        if not talk.get("wants_repair"):
            return Ready()
        customer = await find_customer(talk, self.shop)
        return Ready() if isinstance(customer, Customer) else customer

    def _next_instruction(self, talk: Talk, guide: DeviceGuide, symptom: Symptom) -> Step | None:
        """The step in hand, the next one, or the offer of a repair; None when a step helped."""
        given = int(talk.data.get("step", 0))
        if talk.get("step_helped") is True:
            return None
        if talk.get("step_helped") is False or given == 0:
            given += 1
            talk.data["step"] = given
            talk.set("step_helped", None)
        if given > len(symptom.steps):
            return Ask("wants_repair", "utter_question_wants_repair", {"device": talk.text("device")})
        values = {
            "step": symptom.steps[given - 1],
            "number": given,
            "total": len(symptom.steps),
            "title": guide.title,
        }
        response = "utter_troubleshoot_first_step" if given == 1 else "utter_troubleshoot_step"
        return Ask("step_helped", response, values)

    async def _devices(self, talk: Talk) -> tuple[Option, ...]:
        """The customer's own devices first, as far as there are guides for them."""
        options = self.services.guides.options()
        customer = await known_customer(talk, self.shop)
        owned = {device.kind for device in await self.shop.devices(customer.id)} if customer else set()
        mine = [option for option in options if option.value in owned]
        return (*mine, *(option for option in options if option not in mine))


class Troubleshoot(ShopAction):
    """Says how it ended; books the repair that was wanted."""

    action = "action_troubleshoot"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        device = talk.text("device")
        if talk.get("step_helped"):
            talk.say("utter_troubleshoot_solved", device=device)
            return "solved"
        if not talk.get("wants_repair"):
            talk.say("utter_troubleshoot_unsolved", device=device)
            return "not_solved"
        visit = await self.shop.book_repair(talk.data["customer_id"], device, idempotency_key=self.key(talk))
        talk.say("utter_repair_booked", number=visit.number, device=device, day=visit.on)
        return "repair_booked"

"""The monthly protection plan: how it stands, pausing it, letting it go on, and ending it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from actions.dialogue import answers
from actions.forms import Ask, Form, Leave, Ready, Step
from actions.lookup import find_customer
from actions.shop.calendar import months_after
from actions.shop.errors import NotAllowed, Refusal
from actions.shop.model import Customer, Plan, PlanState
from actions.shop_action import ShopAction
from actions.talk import Talk

MOST_MONTHS: Final = 3


class PlanStatusForm(Form):
    """Whose plan?"""

    informs = True
    form = "plan_status_form"
    intent = "plan_status"
    action = "action_plan_status"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await find_customer(talk, self.shop)
        return Ready() if isinstance(customer, Customer) else customer


class PlanStatus(ShopAction):
    """Says whether the plan runs, what it costs and which day comes next."""

    action = "action_plan_status"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        plan = await self.shop.plan(talk.data["customer_id"])
        state = plan.state.value
        if plan.state is PlanState.PAUSED and plan.paused_from and plan.paused_from > self.services.today():
            state = "pausing"
        talk.say(
            f"utter_plan_state_{state}",
            plan=plan.name,
            price=plan.monthly_price,
            day=plan.next_payment_on or plan.ends_on or "",
            starts=plan.paused_from or "",
            until=plan.paused_until or "",
        )
        return state


class ResumePlanForm(Form):
    """Whose plan, and shall it go on?"""

    form = "resume_plan_form"
    intent = "resume_plan"
    action = "action_resume_plan"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await find_customer(talk, self.shop)
        if not isinstance(customer, Customer):
            return customer
        if talk.get("confirm_resume") is not None:
            return Ready()
        plan = await self.shop.plan(customer.id)
        if plan.state is PlanState.ACTIVE:
            raise NotAllowed(Refusal.PLAN_RUNNING)
        if plan.state is PlanState.ENDED:
            return Leave("utter_plan_state_ended", "plan_ended", {"plan": plan.name})
        values = {"plan": plan.name, "price": plan.monthly_price, "day": next_payment(plan, self.services.today())}
        response = "paused" if plan.state is PlanState.PAUSED else "ending"
        return Ask("confirm_resume", f"utter_question_resume_{response}", values)


class ResumePlan(ShopAction):
    """Lets the plan go on and says when the next payment is taken."""

    action = "action_resume_plan"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        if not talk.get("confirm_resume"):
            talk.say("utter_plan_kept")
            return "kept"
        plan = await self.shop.resume_plan(talk.data["customer_id"], idempotency_key=self.key(talk))
        talk.say("utter_plan_resumed", plan=plan.name, price=plan.monthly_price, day=plan.next_payment_on)
        return "resumed"


class PausePlanForm(Form):
    """Whose plan, for how long, and is that right?"""

    form = "pause_plan_form"
    intent = "pause_plan"
    action = "action_pause_plan"

    def prefill(self, talk: Talk) -> None:
        """See :class:`Form`. Only "for two months" counts here: other numbers in the message mean other things."""
        words = answers.words_of(talk.turn.text)
        for before, word in pairwise(words):
            if word.startswith("month"):
                talk.set("pause_months", answers.whole_number(before, most=MOST_MONTHS))

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await find_customer(talk, self.shop)
        if not isinstance(customer, Customer):
            return customer
        if talk.get("confirm_pause") is not None:
            return Ready()
        plan = await self.shop.plan(customer.id)
        if plan.state is PlanState.PAUSED:
            raise NotAllowed(Refusal.PLAN_PAUSED)
        if plan.state is not PlanState.ACTIVE:
            raise NotAllowed(Refusal.PLAN_ENDED)
        if talk.get("pause_months") is None:
            options = self.services.choices.options("pause_months")
            return Ask("pause_months", "utter_question_pause_months", {"plan": plan.name}, options)
        starts = plan.next_payment_on or self.services.today()
        values = {
            "plan": plan.name,
            "day": starts,
            "until": months_after(starts, int(talk.get("pause_months"))),
        }
        return Ask("confirm_pause", "utter_question_confirm_pause", values)


class PausePlan(ShopAction):
    """Pauses the plan and says until when."""

    action = "action_pause_plan"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        if not talk.get("confirm_pause"):
            talk.say("utter_plan_kept")
            return "kept"
        plan = await self.shop.pause_plan(
            talk.data["customer_id"], int(talk.get("pause_months")), idempotency_key=self.key(talk)
        )
        talk.say("utter_plan_paused", plan=plan.name, until=plan.paused_until, price=plan.monthly_price)
        return "paused"


class EndPlanForm(Form):
    """Whose plan, and really?"""

    form = "end_plan_form"
    intent = "end_plan"
    action = "action_end_plan"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        customer = await find_customer(talk, self.shop)
        if not isinstance(customer, Customer):
            return customer
        if talk.get("confirm_end") is not None:
            return Ready()
        plan = await self.shop.plan(customer.id)
        if plan.state in (PlanState.ENDING, PlanState.ENDED):
            raise NotAllowed(Refusal.PLAN_ENDED)
        values = {"plan": plan.name, "day": last_day(plan, self.services.today())}
        return Ask("confirm_end", "utter_question_confirm_end", values)


class EndPlan(ShopAction):
    """Ends the plan and says on which day."""

    action = "action_end_plan"

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        if not talk.get("confirm_end"):
            talk.say("utter_plan_not_ended")
            return "kept"
        plan = await self.shop.end_plan(talk.data["customer_id"], idempotency_key=self.key(talk))
        talk.say("utter_plan_ended", plan=plan.name, day=plan.ends_on)
        return "ended"


def next_payment(plan: Plan, today: date) -> date:
    """The day of the next payment if the plan goes on: what is paid for is not paid twice."""
    if plan.ends_on is not None:
        return max(today, plan.ends_on + timedelta(days=1))
    return max(today, plan.paused_from or today)


def last_day(plan: Plan, today: date) -> date:
    """The last day of cover if the plan is ended today: what is paid for is kept."""
    if plan.state is PlanState.PAUSED or plan.next_payment_on is None:
        return today
    return max(today, plan.next_payment_on - timedelta(days=1))

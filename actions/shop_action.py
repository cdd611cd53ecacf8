"""What every self-service action has in common: it does one thing for the customer and says what came of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.services import Services
from actions.shop.errors import (
    CustomerNotFound,
    InvoiceNotFound,
    NotAllowed,
    NotYours,
    OrderNotFound,
    ShopUnavailable,
    ShopUncertain,
)
from actions.talk import Event, Talk, forget_request, talk_of


class ShopAction(Action, ABC):  # type: ignore[misc]
    """Runs when its form is ready. A form that was left has already said why: then this does and says nothing."""

    action: ClassVar[str]
    informs: ClassVar[bool] = False
    """Whether it only tells something: a request that it interrupted is then taken up again."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.shop = services.shop

    def name(self) -> str:
        """The name by which Rasa calls it."""
        return self.action

    @abstractmethod
    async def perform(self, talk: Talk) -> str:
        """Does it, says so, and returns the outcome in a word for the case's record of attempts."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]) -> list[Event]:
        """Called by Rasa."""
        talk = talk_of(tracker, dispatcher)
        if not talk.get("form_left"):
            talk.set("last_outcome", self.remembered(talk, await self._outcome(talk)))
        if (tracker.active_loop or {}).get("name"):
            return talk.slot_events()  # said in the middle of another request, which keeps its answers and goes on
        paused = talk.get("paused_request")
        forget_request(talk)
        return [*talk.slot_events(), *(_take_up(paused) if self.informs and paused else ())]

    def remembered(self, talk: Talk, outcome: str) -> dict[str, object]:  # noqa: ARG002
        """What stays known of the request when it is done."""
        return {"action": self.action, "outcome": outcome}

    def key(self, talk: Talk) -> str:
        """The idempotency key of this action's side effect: the same for the same message, however often sent."""
        return talk.turn.key(self.action)

    async def _outcome(self, talk: Talk) -> str:
        number = talk.text("order_number")
        try:
            return await self.perform(talk)
        except NotAllowed as refusal:
            talk.say(f"utter_refused_{refusal.reason.value}", order_number=number)
            return refusal.reason.value
        except (CustomerNotFound, OrderNotFound, NotYours, InvoiceNotFound):
            talk.say("utter_not_found_any_more")
            return "not_found"
        except ShopUncertain:
            talk.say("utter_shop_uncertain")
            return "uncertain"
        except ShopUnavailable:
            talk.say("utter_shop_unavailable")
            return "shop_unavailable"


def _take_up(paused: Mapping[str, Any]) -> list[Event]:
    """Goes on with the request that was interrupted to answer this one."""
    return [SlotSet("paused_request", dict(paused)), FollowupAction(str(paused["form"]))]

"""How a form leads through its questions: asks, reads, mends, steps aside, gives up in time.

Rasa decides when a form runs and keeps its slots; a form here decides what is asked next. Each form is one
:class:`Form` with a single method, ``next_step``, that looks at what is known and says what is missing. Everything
else is the same for all: what counts as an answer (``actions/dialogue``), what interrupts, and that three answers
that cannot be read end the form with an offer of help instead of a fourth try.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.dialogue import answers
from actions.dialogue.interruption import ALWAYS, SELF_SERVICE, is_interruption
from actions.dialogue.not_at_hand import asks_what_it_is, lacks_it
from actions.dialogue.readers import READERS
from actions.dialogue.turn import Option
from actions.services import Services
from actions.shop.errors import NotAllowed, ShopUnavailable
from actions.talk import Event, Talk, button, forget_request, options_of, since_latest_message, talk_of

MOST_ATTEMPTS: Final = 3
MOST_BUTTONS: Final = 9
"""More would push the question out of sight; what has no button can be named in words."""
REQUESTED: Final = "requested_slot"
ORDER_NUMBER: Final = "order_number"
UNMATCHED: Final = "unmatched"
"""The order number that did not go with the e-mail address given: another address may."""
ABOUT_NUMBERS: Final = frozenset({"list_orders", "resend_confirmation"})
"""Requests by which one finds an order's number: "I don't have the number" sounds like them."""
POSTCODE_WORDS: Final = 3
"""As many as "it's YO1 9ZZ" has; more says something beside the postcode."""
GIVEN_UP: Final = "utter_form_given_up"
STOPPED: Final = "action_stop"
GOODBYE: Final = "goodbye"
"""Whoever says goodbye has left the form too."""


@dataclass(frozen=True)
class Ask:
    """The form needs ``slot`` and asks for it. ``options`` become buttons and are also understood in words."""

    slot: str
    response: str
    values: Mapping[str, object] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    entity: str = "choice"
    also: tuple[Option, ...] = ()
    """Answers that are understood when they are named, and have no button."""


@dataclass(frozen=True)
class Leave:
    """The form ends without its action, for the reason that ``response`` tells."""

    response: str
    outcome: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """Everything is known: the form's action may run."""


Step = Ask | Leave | Ready


class Form(Action, ABC):  # type: ignore[misc]
    """Validates one Rasa form. ``intent`` starts it; ``action`` runs when it is ready."""

    informs: ClassVar[bool] = False
    """Whether its action only tells something and changes nothing."""
    form: ClassVar[str]
    intent: ClassVar[str]
    action: ClassVar[str]

    def __init__(self, services: Services) -> None:
        self.services = services
        self.shop = services.shop

    def name(self) -> str:
        """The name by which Rasa calls it."""
        return f"validate_{self.form}"

    @abstractmethod
    async def next_step(self, talk: Talk) -> Step:
        """What to do with what is known so far."""

    def prefill(self, talk: Talk) -> None:
        """Reads answers out of the very message that started the form."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]) -> list[Event]:
        """Called by Rasa when the form starts, after each message inside it, and on the way back to it."""
        recent = since_latest_message(tracker.events)
        starting = any(event.get("event") == "active_loop" and event.get("name") == self.form for event in recent)
        resuming = any(event.get("event") == "action_execution_rejected" for event in recent)
        talk = talk_of(tracker, dispatcher, activating=starting)
        talk.turn = replace(talk.turn, today=self.services.today())
        slot = tracker.get_slot(REQUESTED)
        if starting:
            paused, resumed = self._paused_by_this(recent, talk), talk.get("paused_request") or {}
            forget_request(talk)
            talk.data, talk.attempts = {}, {}
            if paused is not None:
                talk.set("paused_request", paused)
            if resumed.get("form") == self.form:
                # Taken up again: the message that is being answered was about something else.
                talk.set("order_number", resumed.get("order_number"))
                talk.turn = replace(talk.turn, text="", entities={})
            if talk.get("authority_exceeded") is not None:
                talk.set("authority_exceeded", None)
            self.prefill(talk)
        elif _names_another_order(talk) and not is_interruption(talk.turn, slot or "", self.intent, answered=False):
            forget_request(talk)
            talk.data = {}
        elif slot and not resuming:
            value = READERS[slot](talk.turn, options_of(talk.data))
            if value is None and slot == ORDER_NUMBER:
                value = answers.mentioned(talk.turn.text, options_of(talk.data, "also"))
                if value is None and _is_without_it(talk, self.intent):
                    return self._close(talk, without_number(talk) or await self._step(talk))
            if _completes_the_address(talk, slot):
                return self._close(talk, await self._step(talk))
            if is_interruption(talk.turn, slot, self.intent, answered=value is not None):
                if talk.turn.intent == GOODBYE:
                    return self._close(talk, Leave("utter_goodbye", "left"))
                return [ActionExecutionRejected(self.form)]
            talk.set(slot, value)
            given_up = _not_read(talk, slot) if value is None else None
            if given_up is not None:
                return self._close(talk, given_up)
        return self._close(talk, await self._step(talk))

    def _paused_by_this(self, recent: Sequence[Event], talk: Talk) -> dict[str, object] | None:
        """The request that stepped aside for this one, if this one only tells something: it goes on afterwards.

        One that was stopped does not, though another request of the same conversation follows in the same turn.
        """
        aside: list[str] = []
        for event in recent:
            if event.get("event") == "action_execution_rejected":
                aside.append(str(event.get("name")))
            elif event.get("name") == STOPPED:
                aside.clear()
        if not self.informs or not aside or aside[-1] == self.form:
            return None
        return {"form": aside[-1], "order_number": talk.data.get("order_number")}

    async def _step(self, talk: Talk) -> Step:
        try:
            return await self.next_step(talk)
        except NotAllowed as refusal:
            return Leave(f"utter_refused_{refusal.reason.value}", refusal.reason.value)
        except ShopUnavailable:
            return Leave("utter_shop_unavailable", "shop_unavailable")

    def _close(self, talk: Talk, step: Step) -> list[Event]:
        """Says what the step says, and tells Rasa what is known and what is asked next."""
        asked: str | None = None
        match step:
            case Ask():
                asked = step.slot
                talk.data["options"] = _kept(step.options)
                talk.data["also"] = _kept(step.also)
                talk.say(step.response, _buttons(step), **step.values)
            case Leave():
                talk.say(step.response, **{"order_number": talk.text("order_number"), **step.values})
                talk.set("form_left", True)
                talk.set("last_outcome", {"action": self.action, "outcome": step.outcome})
            case Ready():
                pass
        talk.set("form_data", talk.data)
        talk.set("form_attempts", talk.attempts)
        return [*talk.slot_events(), SlotSet(REQUESTED, asked)]


def unreadable(talk: Talk, slot: str, response: str = "", **values: object) -> Leave | None:
    """Says what is wrong with an answer and how to mend it; the form then asks again.

    The third time it gives up instead, so that nobody is asked the same thing for ever.
    """
    talk.attempts[slot] = talk.attempts.get(slot, 0) + 1
    talk.set(slot, None)
    if talk.attempts[slot] >= MOST_ATTEMPTS:
        return Leave(GIVEN_UP, "answer_not_understood")
    talk.say(response or f"utter_invalid_{question_kind(slot)}", **values)
    return None


def _not_read(talk: Talk, slot: str) -> Leave | None:
    """Deals with an answer that is none, unless it mends what was said before: then the form just goes on."""
    if slot == "email" and answers.order_numbers(talk.turn.text):
        return None  # another order number instead of the address: it is taken up, and the address asked for again
    if slot == ORDER_NUMBER and talk.data.get(UNMATCHED) and (address := answers.email(talk.turn.text)):
        talk.set(ORDER_NUMBER, talk.data[UNMATCHED])
        talk.set("email", address)
        return None
    chooses = slot == ORDER_NUMBER and talk.data.get("options")
    return unreadable(talk, slot, "utter_invalid_order_number_choose" if chooses else "")


def _completes_the_address(talk: Talk, slot: str) -> bool:
    """Whether the message is the postcode that an address to be confirmed lacks; it is added, and asked about again."""
    address, code = talk.text("new_address"), answers.postcode(talk.turn.text)
    bare = len(answers.words_of(talk.turn.text)) <= POSTCODE_WORDS
    if not (slot.startswith("confirm_") and address and code and bare) or answers.postcode(address):
        return False
    talk.set("new_address", f"{address}, {code}")
    return True


def _is_without_it(talk: Talk, own_intent: str) -> bool:
    """Whether the customer has no order number to give, or does not know what it is.

    "I can't get into my account" lacks something too, but is another request.
    """
    text, others = talk.turn.text, (SELF_SERVICE - {own_intent} - ABOUT_NUMBERS) | ALWAYS
    return talk.turn.intent not in others and (lacks_it(text) or asks_what_it_is(text))


def without_number(talk: Talk) -> Leave | None:
    """Helps on who has no order number: with their orders to choose from, or with where it stands, or with a person."""
    text = talk.turn.text
    if asks_what_it_is(text) and not lacks_it(text) and not talk.attempts.get(ORDER_NUMBER):
        return unreadable(talk, ORDER_NUMBER, "utter_hint_order_number")
    if talk.data.get("options"):
        return unreadable(talk, ORDER_NUMBER, "utter_no_order_number_choose")
    return Leave("utter_no_order_number", "no_order_number")


def question_kind(slot: str) -> str:
    """The name that the wording about a question carries: all confirmations share theirs."""
    return "confirmation" if slot.startswith("confirm_") else slot


def _kept(options: Sequence[Option]) -> list[list[object]]:
    return [[option.value, option.title, list(option.words)] for option in options]


def _names_another_order(talk: Talk) -> bool:
    """Whether this message names another order than the one that the form was about to act on."""
    settled = talk.data.get("order_number")
    return settled is not None and "order_number" in talk.turn.entities and talk.get("order_number") != settled


def _buttons(step: Ask) -> list[dict[str, str]]:
    return [button(option.title, step.entity, option.value) for option in step.options[:MOST_BUTTONS]]

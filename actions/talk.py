"""One run of a form or an action: what the customer said, what is known, what is said and remembered.

Everything that touches Rasa's tracker is here; forms and actions work with :class:`Talk` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.dialogue.readers import ANSWER_SLOTS
from actions.dialogue.turn import Option, Turn
from actions.next_request import request_in_hand
from actions.reading import entities_of, intent_of, last_actions, metadata_of, turn_key
from actions.scoring.turn import OFFER_ACTION
from handoff.contract import OrderCard

Event = dict[str, Any]

FORM_SLOTS: Final = ("form_attempts", "form_data", "form_left", "paused_request")


@dataclass
class Talk:
    """The working state of one run. ``slots`` is a copy of the tracker's; changes go through :meth:`set`.

    ``data`` is what a form works out for its own action (whose order, which amount, the step of a repair).
    ``activating`` says that the form has just been started by this very message.
    """

    turn: Turn
    slots: dict[str, Any]
    dispatcher: CollectingDispatcher
    activating: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)

    def get(self, slot: str) -> Any:
        """The value of a slot, None while it is unknown."""
        return self.slots.get(slot)

    def text(self, slot: str) -> str:
        """The value of a slot as text; empty while it is unknown."""
        value = self.slots.get(slot)
        return "" if value is None else str(value)

    def set(self, slot: str, value: object) -> None:
        """Remembers a value, or forgets it (None)."""
        self.slots[slot] = value
        self._changed.add(slot)

    def say(
        self,
        response: str,
        buttons: Sequence[Mapping[str, str]] = (),
        card: OrderCard | None = None,
        /,
        **values: object,
    ) -> None:
        """Utters a response of data/responses; ``values`` fill its braces. A ``card`` shows what it is about."""
        written = {name: formatted(value) for name, value in values.items()}
        self.dispatcher.utter_message(
            response=response,
            buttons=[dict(button) for button in buttons],
            json_message={"card": card.model_dump(mode="json")} if card else None,
            **written,
        )

    def hand_over(self) -> None:
        """Has the policy hand the conversation over in this very turn (slot ``escalation``)."""
        decision = dict(self.get("escalation") or {})
        self.set("escalation", {**decision, "action": "now", "message_id": self.turn.message_id})

    def slot_events(self) -> list[Event]:
        """What the tracker is to remember."""
        return [SlotSet(slot, self.slots[slot]) for slot in sorted(self._changed)]


def formatted(value: object) -> object:
    """How sums and days are written to customers: ``£1,249.00``, ``Thursday 26 November``."""
    if isinstance(value, Decimal):
        return f"£{value:,.2f}"
    if isinstance(value, date):
        return f"{value:%A} {value.day} {value:%B}"
    return value


def with_year(day: date) -> str:
    """A day that may lie years ahead: ``Thursday 26 November 2028``."""
    return f"{formatted(day)} {day.year}"


def button(title: str, entity: str, value: str) -> dict[str, str]:
    """A button that answers the question in hand."""
    return {"title": title, "payload": f'/inform{{"{entity}": "{value}"}}'}


def read_turn(tracker: Tracker) -> Turn:
    """The customer's latest turn. Without metadata (``rasa shell``) the customer is an unverified visitor.

    Of a message that asks for two things it is what it says of the one in hand.
    """
    message = tracker.latest_message
    metadata = metadata_of(tracker)
    text = str(message.get("text") or "")
    pressed = text.startswith("/")
    key = turn_key(tracker, metadata)
    request = request_in_hand(tracker, key)
    return Turn(
        text=request.text if request else "" if pressed else text,
        intent=request.topic if request else intent_of(message),
        entities=request.entities if request else entities_of(message),
        pressed=pressed,
        customer=metadata.customer if metadata else None,
        message_id=metadata.message_id if metadata else None,
        idempotency=key or tracker.sender_id,
        after_offer=OFFER_ACTION in last_actions(tracker.events),
    )


def talk_of(tracker: Tracker, dispatcher: CollectingDispatcher, *, activating: bool = False) -> Talk:
    """The working state at the start of a run."""
    slots = dict(tracker.slots)
    return Talk(
        turn=read_turn(tracker),
        slots=slots,
        dispatcher=dispatcher,
        activating=activating,
        data=dict(slots.get("form_data") or {}),
        attempts=dict(slots.get("form_attempts") or {}),
    )


def forget_request(talk: Talk) -> None:
    """Forgets the answers of a request that is done or dropped; order number, e-mail and the like stay."""
    for slot in (*ANSWER_SLOTS, *FORM_SLOTS):
        if talk.get(slot) is not None:
            talk.set(slot, None)


def options_of(data: Mapping[str, Any], kind: str = "options") -> tuple[Option, ...]:
    """The options that the last question offered, or those that it understands beside them (``also``)."""
    return tuple(Option(str(value), str(title), tuple(words)) for value, title, words in data.get(kind, ()))


def since_latest_message(events: Sequence[Event]) -> list[Event]:
    """The events after the customer's latest message."""
    for index in range(len(events) - 1, -1, -1):
        if events[index].get("event") == "user":
            return list(events[index + 1 :])
    return list(events)

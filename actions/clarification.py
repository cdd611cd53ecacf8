"""When the customer did not follow: the last answer again, or what is asked in other words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import REQUESTED, question_kind
from actions.kind_words import ACKNOWLEDGE
from actions.said import applied
from actions.scoring.turn import OFFER_ACTION
from actions.talk import Event

REPEAT: Final = "utter_repeat"
NOTHING_TO_REPEAT: Final = "utter_nothing_to_repeat"
CONFUSED: Final = "utter_confused"
HINT: Final = "utter_hint_"
COURTESIES: Final = frozenset({"utter_thanks", "utter_wait", "utter_apology_accepted", "utter_compliment"})
"""Nobody who says "say that again" after these means them; the answer before them is meant."""
NOT_THE_ANSWER: Final = frozenset({REPEAT, ACKNOWLEDGE})
"""Words around an answer, which are not said again with it."""


@dataclass(frozen=True)
class Said:
    """One message of the bot; ``response`` is empty where it was uttered as plain text."""

    text: str
    buttons: tuple[Mapping[str, Any], ...] = ()
    response: str = ""


class RepeatAnswer(Action):  # type: ignore[misc]
    """Says the last answer again, word for word and with its buttons.

    Inside a form the last message was the form's question; the form asks it again by itself.
    """

    def name(self) -> str:
        """The name by which Rasa calls it."""
        return "action_repeat_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]) -> list[Event]:
        """Called by Rasa."""
        said = last_answer(tracker.events)
        dispatcher.utter_message(response=REPEAT if said else NOTHING_TO_REPEAT)
        if (tracker.active_loop or {}).get("name"):
            # An offer of a person between answer and question would make a "yes" to the question ambiguous.
            said = [message for message in said if message.response != OFFER_ACTION][:-1]
        for message in said:
            if message.response == OFFER_ACTION:
                dispatcher.utter_message(response=OFFER_ACTION)  # by name, so that "yes" accepts it
            else:
                dispatcher.utter_message(text=message.text, buttons=[dict(button) for button in message.buttons])
        return []


class ExplainDifferently(Action):  # type: ignore[misc]
    """Says in other words what the form's question expects, and the form asks it again; outside a form offers help."""

    def name(self) -> str:
        """The name by which Rasa calls it."""
        return "action_explain_differently"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]) -> list[Event]:
        """Called by Rasa."""
        slot = tracker.get_slot(REQUESTED) if (tracker.active_loop or {}).get("name") else None
        dispatcher.utter_message(response=f"{HINT}{question_kind(str(slot))}" if slot else CONFUSED)
        return []


def last_answer(events: Iterable[Event]) -> list[Said]:
    """What the bot said last before the customer's latest message, if it was more than a courtesy where that exists."""
    turns = [turn for turn in _turns_before_latest_message(applied(events)) if turn]
    telling = (turn for turn in turns if any(message.response not in COURTESIES for message in turn))
    return next(telling, turns[0] if turns else [])


def _turns_before_latest_message(events: Sequence[Mapping[str, Any]]) -> list[list[Said]]:
    """What the bot said in each turn, the latest turn first and the one in hand left out."""
    turns: list[list[Said]] = [[]]
    for event in events:
        if event.get("event") == "user":
            turns.append([])
        elif event.get("event") == "bot" and event.get("text"):
            response = str((event.get("metadata") or {}).get("utter_action") or "")
            if response not in NOT_THE_ANSWER:
                buttons = (event.get("data") or {}).get("buttons") or ()
                turns[-1].append(Said(str(event["text"]), tuple(buttons), response))
    return turns[-2::-1]

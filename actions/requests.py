"""Taking up a second request, asking which of two things is meant, and admitting that nothing was understood."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.brain import Brain
from actions.next_request import (
    CHOOSE_INTENT,
    NEXT_REQUEST,
    SOMETHING_ELSE,
    TOPIC_ENTITY,
    WHICH_REQUEST,
    Question,
    Request,
)
from actions.reading import metadata_of, turn_key
from actions.scoring.picture import Picture
from actions.wording import Problems

Event = dict[str, Any]
Button = dict[str, str]

PERSON_PAYLOAD: Final = "/talk_to_person"
NOT_KNOWN: Final = "utter_default"
NOT_KNOWN_NEAREST: Final = "utter_not_known_nearest"


class ActionTakeRequest(Action):  # type: ignore[misc]
    """Takes up the request in the slot ``next_request``: names it if it had to wait, and answers it if it is a FAQ.

    For any other the policy then follows the rules of its intent, and forms read its words as the message's.
    """

    def __init__(self, brain: Brain) -> None:
        self._brain = brain

    def name(self) -> str:
        """The name by which Rasa calls it."""
        return "action_take_request"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]) -> list[Event]:
        """Called by Rasa."""
        key = turn_key(tracker, metadata_of(tracker))
        request = Request.of(tracker.slots.get(NEXT_REQUEST))
        if request is None:
            return []
        if request.topic == SOMETHING_ELSE:
            dispatcher.utter_message(response="utter_something_else")
            return []
        if request.taken_for is None:
            dispatcher.utter_message(response="utter_next_request", problem=self._named(request))
        if request.is_faq:
            dispatcher.utter_message(response=f"utter_{request.topic}")
        facts = [SlotSet(name, value) for name, value in request.entities.items() if name in tracker.slots]
        return [
            *facts,
            *self._about(tracker, request),
            SlotSet(NEXT_REQUEST, replace(request, taken_for=key).to_slot()),
        ]

    def _named(self, request: Request) -> str:
        category = self._brain.policy.category_of(request.topic)
        return self._brain.problems.name(request.topic, category, request.entities)

    def _about(self, tracker: Tracker, request: Request) -> list[Event]:
        """What a case of this conversation would now be about."""
        if not self._brain.policy.is_known(request.topic):
            return []
        category = self._brain.policy.category_of(request.topic)
        picture = replace(Picture.from_json(tracker.slots.get("picture")), topic=request.topic, category=category)
        return [SlotSet("picture", picture.to_json()), SlotSet("topic", request.topic)]


class ActionAskWhich(Action):  # type: ignore[misc]
    """Asks which of two things the message means, with a button for each and one for neither."""

    def __init__(self, brain: Brain) -> None:
        self._problems = brain.problems

    def name(self) -> str:
        """The name by which Rasa calls it."""
        return "action_ask_which"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]) -> list[Event]:
        """Called by Rasa."""
        question = Question.of(tracker.slots.get(WHICH_REQUEST))
        if question is None:
            return []
        first, second = (self._problems.name(topic, "", {}) for topic in question.options)
        other = _button(self._problems.buttons.get(SOMETHING_ELSE, SOMETHING_ELSE), SOMETHING_ELSE)
        buttons = [*topic_buttons(question.options, self._problems), other]
        dispatcher.utter_message(response="utter_which", buttons=buttons, first=first, second=second)
        return []


class ActionNotKnown(Action):  # type: ignore[misc]
    """Says that it doesn't know, with the topics that come nearest, if any do, and a person."""

    def __init__(self, brain: Brain) -> None:
        self._problems = brain.problems

    def name(self) -> str:
        """The name by which Rasa calls it."""
        return "action_not_known"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]) -> list[Event]:
        """Called by Rasa."""
        nearest = [str(topic) for topic in tracker.latest_message.get("nearest") or ()]
        buttons = topic_buttons(nearest, self._problems)
        if not buttons:
            dispatcher.utter_message(response=NOT_KNOWN)
            return []
        person = {"title": self._problems.buttons.get("person", "person"), "payload": PERSON_PAYLOAD}
        dispatcher.utter_message(response=NOT_KNOWN_NEAREST, buttons=[*buttons, person])
        return []


def request_actions(brain: Brain) -> tuple[Action, ...]:
    """The actions of this module."""
    return ActionTakeRequest(brain), ActionAskWhich(brain), ActionNotKnown(brain)


def topic_buttons(topics: Sequence[str], problems: Problems) -> list[Button]:
    """A button for each topic that has a name."""
    return [_button(title, topic) for topic in topics if (title := problems.title(topic))]


def _button(title: str, topic: str) -> Button:
    return {"title": title, "payload": f"/{CHOOSE_INTENT}{json.dumps({TOPIC_ENTITY: topic})}"}


def topic_on(button: Mapping[str, str]) -> str | None:
    """The topic that :func:`topic_buttons` put on a button; None for any other button."""
    command, brace, entities = str(button.get("payload") or "").partition("{")
    if command != f"/{CHOOSE_INTENT}":
        return None
    topic = json.loads(brace + entities).get(TOPIC_ENTITY)
    return str(topic) if topic else None

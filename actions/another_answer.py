"""When an answer did not help: what else the assistant can do about it, before a person is offered (P11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.brain import Brain
from actions.content import OtherAnswers
from actions.reading import last_actions
from actions.requests import PERSON_PAYLOAD, topic_buttons, topic_on
from actions.said import applied
from actions.scoring.picture import Picture

NOT_HELPFUL: Final = "utter_not_helpful"
ANOTHER_ANSWER: Final = "utter_another_answer"
MOST_OFFERED: Final = 2
NO_ANSWERS: Final = frozenset({"action_not_known", "action_ask_which", "utter_default"})
"""After these nothing was answered, and the topic before them is another matter."""

Event = dict[str, Any]


class ActionAnotherAnswer(Action):  # type: ignore[misc]
    """Offers other ways to help with the question that was answered in vain, or else asks what is still missing.

    Inside a form no answer failed, but a question of the form's, which it asks again by itself.
    """

    def __init__(self, brain: Brain, others: OtherAnswers) -> None:
        self._problems = brain.problems
        self._others = others

    def name(self) -> str:
        """The name by which Rasa calls it."""
        return "action_another_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]) -> list[Event]:
        """Called by Rasa."""
        buttons = topic_buttons(self._others_of(tracker), self._problems)
        if not buttons:
            dispatcher.utter_message(response=NOT_HELPFUL)
            return []
        person = {"title": self._problems.buttons.get("person", "person"), "payload": PERSON_PAYLOAD}
        dispatcher.utter_message(response=ANOTHER_ANSWER, buttons=[*buttons, person])
        return []

    def _others_of(self, tracker: Tracker) -> Sequence[str]:
        picture = Picture.from_json(tracker.slots.get("picture"))
        in_form = bool((tracker.active_loop or {}).get("name"))
        if picture.failed_topic is None or in_form or NO_ANSWERS.intersection(last_actions(tracker.events)):
            return ()
        asked = {request.partition("?")[0] for request in picture.requests}
        done = {picture.failed_topic, *asked, *offered_before(tracker.events)}
        return [topic for topic in self._others.of(picture.failed_topic) if topic not in done][:MOST_OFFERED]


def offered_before(events: Iterable[Event]) -> Iterator[str]:
    """Yield the topics on the buttons of every message that offered other ways to help."""
    for event in applied(events):
        if event.get("event") == "bot" and (event.get("metadata") or {}).get("utter_action") == ANOTHER_ANSWER:
            buttons = (event.get("data") or {}).get("buttons") or ()
            yield from (topic for button in buttons if (topic := topic_on(button)))

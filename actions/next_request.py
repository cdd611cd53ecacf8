"""What a message asks for beside its first request, and the question which of two things it means.

Both are kept in slots from turn to turn; bot/escalation_policy.py takes them up when their time has come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from rasa_sdk import Tracker

from actions.dialogue import answers
from actions.dialogue.interruption import FREE_TEXT_SLOTS, looks_like_a_question
from actions.dialogue.turn import Option
from actions.reading import entities_of, intent_of, named_topic
from actions.scoring.turn import AFFIRM_INTENT, DENY_INTENT, EXTERNAL_PREFIX
from actions.wording import Problems

NEXT_REQUEST: Final = "next_request"
WHICH_REQUEST: Final = "which_request"
CHOOSE_INTENT: Final = "choose_topic"
TOPIC_ENTITY: Final = "topic"
SOMETHING_ELSE: Final = "something_else"
"""Stands for a topic on the button by which the customer means neither of two."""
NEITHER: Final = frozenset(
    {"neither", "none of these", "none of those", "none of them", "something else", "no neither"}
)
BRIEF: Final = 8
"""Whoever names one of two topics does so in so many words or fewer; a longer text is a message of its own."""
STOP_INTENT: Final = "stop"
GOODBYE_INTENT: Final = "goodbye"


@dataclass(frozen=True)
class Request:
    """A request beside the one in hand.

    ``topic`` is its intent or FAQ key, ``text`` the words that made it, with their ``entities``. ``taken_for`` is the
    message in whose turn it was taken up; None while it waits.
    """

    topic: str
    text: str = ""
    entities: Mapping[str, str] = field(default_factory=dict)
    taken_for: str | None = None

    @property
    def is_faq(self) -> bool:
        """Whether an answer of data/faq is all that it needs."""
        return "/" in self.topic

    def to_slot(self) -> dict[str, Any]:
        """The value of the slot."""
        return {**asdict(self), "entities": dict(self.entities)}

    @classmethod
    def of(cls, value: object) -> Request | None:
        """What :meth:`to_slot` wrote; None for anything else."""
        if not isinstance(value, Mapping) or not value.get("topic"):
            return None
        taken = value.get("taken_for")
        return cls(
            str(value["topic"]),
            str(value.get("text") or ""),
            _texts(value.get("entities")),
            str(taken) if taken else None,
        )


@dataclass(frozen=True)
class Question:
    """The question which of two topics a message means: the message's words, and which message it was."""

    options: tuple[str, ...]
    text: str
    entities: Mapping[str, str]
    asked_for: str

    def to_slot(self) -> dict[str, Any]:
        """The value of the slot."""
        return {**asdict(self), "options": list(self.options), "entities": dict(self.entities)}

    @classmethod
    def of(cls, value: object) -> Question | None:
        """What :meth:`to_slot` wrote; None for anything else."""
        if not isinstance(value, Mapping) or not value.get("options"):
            return None
        options = tuple(str(option) for option in value["options"])
        return cls(options, str(value.get("text") or ""), _texts(value.get("entities")), str(value.get("asked_for")))


@dataclass(frozen=True)
class Requests:
    """What a turn does about requests, beside being answered.

    ``takes`` is the request that it chose, ``asks`` the question that the assistant will put instead of an answer.
    ``chosen`` also where the choice was made by naming one of the two in a sentence that is answered by itself.
    ``slots`` are to be set.
    """

    takes: Request | None = None
    asks: Question | None = None
    chosen: bool = False
    slots: Mapping[str, object] = field(default_factory=dict)


def requests_of(tracker: Tracker, key: str, problems: Problems) -> Requests:
    """Reads the latest message, told apart by ``key``, for requests that wait, are chosen, or are in doubt."""
    message = tracker.latest_message
    in_form = _in_form(tracker)
    waiting, question = Request.of(tracker.slots.get(NEXT_REQUEST)), Question.of(tracker.slots.get(WHICH_REQUEST))
    slots: dict[str, object] = {}
    if question is not None:
        slots[WHICH_REQUEST] = None
    if waiting is not None and (waiting.taken_for is not None or _is_dropped(message, waiting, in_form=in_form)):
        slots[NEXT_REQUEST] = None
    takes = _choice(message, question if not in_form else None, problems, key)
    if takes is not None:
        return Requests(takes=takes, chosen=True, slots=slots | {NEXT_REQUEST: takes.to_slot()})
    if question is not None and named_topic(message) in question.options:
        return Requests(chosen=True, slots=slots)
    if question is not None and not in_form and intent_of(message) == AFFIRM_INTENT:
        asks = replace(question, asked_for=key)  # "yes" to "this or that?" leaves it open
        return Requests(asks=asks, slots=slots | {WHICH_REQUEST: asks.to_slot()})
    if (second := _second(message)) is not None and not _answers_form(tracker):
        return Requests(slots=slots | {NEXT_REQUEST: second.to_slot()})
    torn = tuple(str(topic) for topic in message.get("torn_between") or ())
    if torn and question is None and not in_form and all(problems.title(topic) for topic in torn):
        asks = Question(torn, str(message.get("text") or ""), entities_of(message), key)
        return Requests(asks=asks, slots=slots | {WHICH_REQUEST: asks.to_slot()})
    return Requests(slots=slots)


def waiting_request(tracker: Tracker) -> Request | None:
    """The request that was made and not yet taken up."""
    request = Request.of(tracker.slots.get(NEXT_REQUEST))
    return request if request is not None and request.taken_for is None else None


def request_in_hand(tracker: Tracker, key: str) -> Request | None:
    """The request that this turn is about, where it is not simply the message: one taken up, or the first of two."""
    taken = Request.of(tracker.slots.get(NEXT_REQUEST))
    if taken is not None and taken.taken_for == key:
        return taken
    message = tracker.latest_message
    if _second(message) is None:
        return None
    first = message["two_requests"]["first"]
    own = _entities_of_first(message)
    shared = {} if _in_form(tracker) else entities_of(message)
    return Request(intent_of(message), str(first["text"]), shared | own)


def facts_in_hand(tracker: Tracker, key: str) -> dict[str, object]:
    """What the request in hand says where the message says more: of two order numbers the one that it speaks of.

    Rasa sets each slot to the last value in the message, and does so again whenever a form starts. An order number that
    only the second of two requests names must not become that of a form which is open already.
    """
    request, said = request_in_hand(tracker, key), entities_of(tracker.latest_message)
    if request is None:
        return {}
    facts: dict[str, object] = {name: request.entities[name] for name in said if name in request.entities}
    if _in_form(tracker) and request.taken_for is None:
        facts |= {name: _before_message(tracker, name) for name in said if name not in request.entities}
    return {name: value for name, value in facts.items() if name in tracker.slots}


def _is_dropped(message: Mapping[str, Any], waiting: Request, *, in_form: bool) -> bool:
    """Whether the customer takes their leave of a request that waits, or asks for it in a message of its own."""
    intent = intent_of(message)
    leaves = intent == GOODBYE_INTENT or intent.startswith(EXTERNAL_PREFIX) or (intent == STOP_INTENT and not in_form)
    return leaves or named_topic(message) == waiting.topic


def _choice(message: Mapping[str, Any], question: Question | None, problems: Problems, key: str) -> Request | None:
    """The request that is chosen by a button, or by naming one of the two that the assistant asked about."""
    chosen: str | None = None
    if intent_of(message) == CHOOSE_INTENT:
        chosen = entities_of(message).get(TOPIC_ENTITY)
    elif question is not None:
        chosen = _named(message, question, problems)
    if chosen is None:
        return None
    if question is not None and chosen in question.options:
        return Request(chosen, question.text, question.entities, key)
    return Request(chosen, taken_for=key)


def _named(message: Mapping[str, Any], question: Question, problems: Problems) -> str | None:
    text = str(message.get("text") or "")
    words = answers.words_of(text)
    if " ".join(words) in NEITHER or intent_of(message) == DENY_INTENT:
        return SOMETHING_ELSE
    if text.startswith("/") or len(words) > BRIEF:
        return None
    return answers.choice(text, [Option(topic, problems.title(topic) or topic) for topic in question.options])


def _second(message: Mapping[str, Any]) -> Request | None:
    """The second of two requests in one message."""
    two = message.get("two_requests")
    if not isinstance(two, Mapping):
        return None
    second = two["second"]
    own = [entity for entity in message.get("entities") or () if _stands_in(entity, second)]
    return Request(str(second["label"]), str(second["text"]), entities_of({"entities": own}))


def _entities_of_first(message: Mapping[str, Any]) -> dict[str, str]:
    second = message["two_requests"]["second"]
    return entities_of({"entities": [one for one in message.get("entities") or () if not _stands_in(one, second)]})


def _stands_in(entity: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    return int(entity.get("start") or 0) >= int(part["start"])


def _answers_form(tracker: Tracker) -> bool:
    """Whether any words would answer what the open form asks: then "and you charged me twice" belongs to the answer."""
    text = str(tracker.latest_message.get("text") or "")
    asks_freely = tracker.slots.get("requested_slot") in FREE_TEXT_SLOTS
    return _in_form(tracker) and asks_freely and not looks_like_a_question(text)


def _in_form(tracker: Tracker) -> bool:
    return bool((tracker.active_loop or {}).get("name"))


def _before_message(tracker: Tracker, slot: str) -> object:
    """The value that a slot had before the latest message."""
    said = False
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            said = True
        elif said and event.get("event") == "slot" and event.get("name") == slot:
            return event.get("value")
    return None


def _texts(value: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, Mapping) else {}

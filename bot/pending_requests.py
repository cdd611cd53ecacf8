"""What a customer asked for beside what is being done: a second request that waits, and the choice between two.

The action server keeps both in slots. The policy only has to know when to take the one up and when to ask for the
other, and how the rules see a request that no message of its own made.
"""

import json
from typing import Any, Dict, Optional, Text

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY

TOPIC = "topic"
"""Member of a request: the intent, or the full name of an entry of a retrieval intent (``faq/opening_hours``)."""

TAKEN_FOR = "taken_for"
"""Member of a request that is taken up: the message in whose turn it is."""

ASKED_FOR = "asked_for"
"""Member of a question: the message that it asks about."""


def slot_mapping(tracker: DialogueStateTracker, name: Text) -> Dict[Text, Any]:
    """A slot's value as a mapping; empty where the slot is missing, unset, or holds something else."""
    slot = tracker.slots.get(name)
    value = None if slot is None else slot.value
    if isinstance(value, str):
        value = json.loads(value)
    return value if isinstance(value, dict) else {}


def message_key(tracker: DialogueStateTracker) -> Optional[Text]:
    """What tells the latest message from all others: the ``message_id`` of its metadata, or else Rasa's own."""
    message = tracker.latest_message
    if message is None:
        return None
    return (message.metadata or {}).get("message_id") or message.message_id


def intent_of_request(request: Dict[Text, Any], domain: Domain) -> Optional[Text]:
    """The intent whose rules carry the request out; None where the action that takes it up answers it by itself."""
    topic = request.get(TOPIC)
    return topic if topic in domain.intents else None


def as_asked(
    tracker: DialogueStateTracker, action: Text, intent: Text, request: Dict[Text, Any]
) -> DialogueStateTracker:
    """The conversation as if the customer had asked for the request just after ``action`` took it up.

    So the rules for the intent apply to a request that a message made beside another one. The conversation itself stays
    as it is: nobody who reads its events finds a message that the customer never sent.
    """
    events = list(tracker.events)
    taken = max(
        number
        for number, event in enumerate(events)
        if isinstance(event, ActionExecuted) and event.action_name == action
    )
    asked = UserUttered(
        request.get("text") or None,
        intent={INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: 1.0},
        entities=[],
    )
    seen = tracker.init_copy()
    for event in (*events[: taken + 1], ActionExecuted(ACTION_LISTEN_NAME), asked, *events[taken + 1 :]):
        seen.update(event)
    return seen

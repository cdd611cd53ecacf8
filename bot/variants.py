"""Which variant of a response is said: one that the customer has not read yet.

Rasa picks a variant at random, so that the same apology may come twice in a row. endpoints.yml names this generator
under ``nlg``; the folders under ``answers`` there are read while it runs, so that a changed text needs no training.
"""

import copy
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Text
from zlib import crc32

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.answers import LiveAnswers

UTTER_ACTION = "utter_action"
VARIANT = "variant"
"""Which variant was said, kept in the metadata of the bot's message."""
FOLDERS = "answers"
"""Setting in endpoints.yml: folders with the content team's files, read from the working folder."""


class UnrepeatedResponses(TemplatedNaturalLanguageGenerator):
    """Rasa's responses, each time in the variant that was not said yet in this conversation, or longest ago.

    The same conversation gets the same variants when a message is sent again after a crash.
    """

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None) -> None:
        """Takes the responses of the domain, and those of the files that ``answers`` names before them."""
        super().__init__((domain or Domain.empty()).responses)
        folders = endpoint_config.kwargs.get(FOLDERS, []) if endpoint_config else []
        self._live = LiveAnswers([Path(folder) for folder in folders], time.monotonic)
        self._live.now()  # the first reading takes longer than a customer should wait

    async def generate(
        self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text, **kwargs: Any
    ) -> Optional[Dict[Text, Any]]:
        """The response with its words filled in; None where there is none of that name."""
        filled_slots = tracker.current_slot_values()
        variants = self._live.now().get(utter_action) or self.responses.get(utter_action)
        if variants is None:
            return None
        suitable = ResponseVariationFilter({utter_action: variants}).responses_for_utter_action(
            utter_action, output_channel, filled_slots
        )
        if not suitable:
            return None
        number = next_variant(said_variants(tracker, utter_action), len(suitable), tracker.sender_id + utter_action)
        response = copy.deepcopy(suitable[number])
        if len(suitable) > 1:
            response[VARIANT] = number
        return self._fill_response(response, filled_slots, **kwargs)


def said_variants(tracker: DialogueStateTracker, utter_action: Text) -> List[int]:
    """The variants of a response that were said so far, in their order."""
    said = []
    for event in tracker.events:
        if isinstance(event, BotUttered) and event.metadata.get(UTTER_ACTION) == utter_action:
            number = event.metadata.get(VARIANT)
            if isinstance(number, int):
                said.append(number)
    return said


def next_variant(said: List[int], count: int, seed: Text) -> int:
    """Of ``count`` variants the one that was not said yet, or else longest ago; of several such ``seed`` picks."""
    start = crc32(seed.encode()) % count
    last = {number: place for place, number in enumerate(said)}
    order = [(start + step) % count for step in range(count)]
    return min(order, key=lambda number: last.get(number, -1))

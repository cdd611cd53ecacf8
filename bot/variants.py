"""Which variant of a response is said: one that the customer has not read yet, and that says most of what is known.

Rasa picks a variant at random, so that the same apology may come twice in a row, and names a slot that is empty as
"None". endpoints.yml names this generator under ``nlg``; the folders under ``answers`` there are read while it runs, so
that a changed text needs no training.
"""

import copy
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Text

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.answers import TEXT, LiveAnswers
from bot.unsaid import filled, next_variant, sayable, words_of

UTTER_ACTION = "utter_action"
VARIANT = "variant"
"""Which variant was said, by its place in the file, kept in the metadata of the bot's message."""
FOLDERS = "answers"
"""Setting in endpoints.yml: folders with the content team's files, read from the working folder."""


class UnrepeatedResponses(TemplatedNaturalLanguageGenerator):
    """Rasa's responses, each time in the variant that was not said yet in this conversation, or longest ago.

    A variant with words in braces is left out while one of them is not known, and goes before those that say less. What
    an action hands over with a response counts as known, in the conditions of its variants too, before any slot of that
    name. The same conversation gets the same variants when a message is sent again after a crash.
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
        known = {**tracker.current_slot_values(), **kwargs}
        variants = self._live.now().get(utter_action) or self.responses.get(utter_action)
        if variants is None:
            return None
        fitting = ResponseVariationFilter({utter_action: variants}).responses_for_utter_action(
            utter_action, output_channel, known
        )
        if not fitting:
            return None
        places = [place for place, variant in enumerate(variants) if any(variant is one for one in fitting)]
        words = {place: words_of(variants[place]) for place in places}
        said = said_variants(tracker, utter_action)
        number = next_variant(said, sayable(words, known), tracker.sender_id + utter_action)
        response = copy.deepcopy(variants[number])
        if len(variants) > 1:
            response[VARIANT] = number
        text = response.pop(TEXT, None)
        rest: Dict[Text, Any] = self._fill_response(response, known)
        return rest if text is None else {TEXT: filled(str(text), known), **rest}


def said_variants(tracker: DialogueStateTracker, utter_action: Text) -> List[int]:
    """The variants of a response that were said so far, in their order."""
    said = []
    for event in tracker.events:
        if isinstance(event, BotUttered) and event.metadata.get(UTTER_ACTION) == utter_action:
            number = event.metadata.get(VARIANT)
            if isinstance(number, int):
                said.append(number)
    return said

"""The FAQ selector: which entry of a retrieval intent answers a message. Its output is Rasa's response selector's.

Rasa reads component signatures at run time, so this module must not postpone the evaluation of annotations.
"""

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import INTENT_MESSAGE_PREFIX, UTTER_PREFIX
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RESPONSE_KEY,
    PREDICTED_CONFIDENCE_KEY,
    RESPONSE,
    RESPONSE_SELECTOR,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.encoding import DEFAULT_CACHE, MessageReader, shared_encoder, training_fingerprint
from bot.intent_classifier import (
    CACHE_DIRECTORY,
    ENCODER_DIRECTORY,
    LABELS_PROPERTY,
    MASKS,
    RANKING_LENGTH_KEY,
    RETRIEVAL_SEPARATOR,
    labelled_texts,
    text_asked_first,
)
from bot.intent_model import IntentModel
from bot.masking import Masks

ENTRIES_FILE = "entries.json"
OWN_MODEL_KEY = "own_model"


class Selector:
    """The entries of one retrieval intent: their answers, and a model when there are at least two of them."""

    def __init__(self, answers: Dict[Text, List[Dict[Text, Any]]], model: Optional[IntentModel]) -> None:
        self.answers = answers
        self.model = model

    def rank(self, vector: Any, length: int) -> List[Dict[Text, Any]]:
        """The best ``length`` entries with their share of confidence, best first; all shares sum to one.

        Empty where there are several and no model that could tell them apart.
        """
        if self.model is None:
            return _listed([(only, 1.0) for only in self.answers]) if len(self.answers) == 1 else []
        return _listed(self.model.rank(vector)[0][:length])

    def ranked_before(self, message: Message, length: int) -> List[Dict[Text, Any]]:
        """The same, as far as a classifier before this component knows it already; empty where it does not."""
        entries = [(label, share) for label, share in message.get(LABELS_PROPERTY) or () if label in self.answers]
        whole = sum(share for _, share in entries)
        return _listed([(label, share / whole) for label, share in entries[:length]]) if whole > 0 else []


def _listed(entries: Sequence[Tuple[Text, float]]) -> List[Dict[Text, Any]]:
    return [{INTENT_RESPONSE_KEY: label, PREDICTED_CONFIDENCE_KEY: share} for label, share in entries]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FaqSelector(GraphComponent, IntentClassifier):
    """Ranks the entries of a message's retrieval intent; messages of other intents have no use for them.

    An intent classifier stands before it in the pipeline; without one, the entries of every retrieval intent are
    ranked. ``EncoderIntentClassifier`` tells the entries apart itself, so what it found is taken; after another one the
    model of this component ranks them.
    Adds the message property ``response_selector`` as Rasa's ResponseSelector does, under the name of each retrieval
    intent, so the action ``utter_faq`` finds its answer. How sure the bot is that the message is a FAQ at all is the
    classifier's business; the confidence here is the share among the entries.
    """

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        reader: Optional[MessageReader] = None,
        selectors: Optional[Dict[Text, Selector]] = None,
    ) -> None:
        """Takes the trained reader and the selectors by retrieval intent when there are any."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._reader = reader
        self._selectors = selectors or {}

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Every setting with its default; the meanings are those of the intent classifier."""
        return {
            ENCODER_DIRECTORY: None,
            CACHE_DIRECTORY: str(DEFAULT_CACHE),
            # Values made alike before encoding: a list of {pattern, text}.
            MASKS: [],
            RANKING_LENGTH_KEY: 5,
            # False where an EncoderIntentClassifier stands before this component and ranks the entries: saves training.
            OWN_MODEL_KEY: True,
        }

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "FaqSelector":
        """An untrained selector."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "FaqSelector":
        """The trained selector; empty when the training data have no retrieval intent."""
        encoder = shared_encoder(config[ENCODER_DIRECTORY])
        try:
            with model_storage.read_from(resource) as directory:
                reader, selectors = MessageReader.load(directory, encoder), _read_selectors(directory)
                return cls(config, model_storage, resource, reader, selectors)
        except ValueError:
            return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Trains again when the encoder or the learning code changed, not only the data."""
        return training_fingerprint(config.get(ENCODER_DIRECTORY))

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the entries of each retrieval intent apart."""
        texts, labels = labelled_texts(training_data)
        encoder = shared_encoder(self._config[ENCODER_DIRECTORY])
        self._reader = MessageReader.learn(encoder, texts, Masks.of_config(self._config[MASKS]))
        for intent in sorted(training_data.retrieval_intents):
            prefix = intent + RETRIEVAL_SEPARATOR
            rows = [row for row, label in enumerate(labels) if label.startswith(prefix)]
            entries = sorted({labels[row] for row in rows})
            answers = {entry: training_data.responses.get(UTTER_PREFIX + entry, []) for entry in entries}
            model = None
            if len(entries) > 1 and self._config[OWN_MODEL_KEY]:
                own = [texts[row] for row in rows]
                model = IntentModel.train(
                    self._reader.read_training(own, Path(self._config[CACHE_DIRECTORY])),
                    [labels[row] for row in rows],
                    names=self._reader.read_names(entries),
                    calibrate=False,
                )
            self._selectors[intent] = Selector(answers, model)
        with self._model_storage.write_to(self._resource) as directory:
            self._reader.save(directory)
            _write_selectors(directory, self._selectors)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that later components would train on."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the ranked entries to each message."""
        for message in messages:
            text = message.get(TEXT)
            if self._reader is None or not self._selectors or not text or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            found = dict(message.get(RESPONSE_SELECTOR) or {})
            found["all_retrieval_intents"] = list(self._selectors)
            for intent in self._wanted(message):
                selection = self._selection(self._selectors[intent], message)
                if selection is not None:
                    found[intent] = selection
            message.set(RESPONSE_SELECTOR, found, add_to_output=True)
        return messages

    def _wanted(self, message: Message) -> List[Text]:
        """The retrieval intents whose entries this message needs."""
        intent = (message.get(INTENT) or {}).get(INTENT_NAME_KEY)
        if intent is None:
            return list(self._selectors)
        return [intent] if intent in self._selectors else []

    def _selection(self, selector: Selector, message: Message) -> Optional[Dict[Text, Any]]:
        length = self._config[RANKING_LENGTH_KEY]
        ranking = selector.ranked_before(message, length)
        if not ranking:
            ranking = selector.rank(self._reader.read(text_asked_first(message)), length)
        if not ranking:
            return None
        best = ranking[0][INTENT_RESPONSE_KEY]
        return {
            RESPONSE: {
                "responses": selector.answers[best],
                PREDICTED_CONFIDENCE_KEY: ranking[0][PREDICTED_CONFIDENCE_KEY],
                INTENT_RESPONSE_KEY: best,
                "utter_action": UTTER_PREFIX + best,
            },
            "ranking": ranking,
        }


def _write_selectors(directory: Path, selectors: Dict[Text, Selector]) -> None:
    entries = {intent: selector.answers for intent, selector in selectors.items()}
    (directory / ENTRIES_FILE).write_text(json.dumps(entries, indent=1), encoding="utf-8")
    for intent, selector in selectors.items():
        if selector.model is not None:
            (directory / intent).mkdir()
            selector.model.save(directory / intent)


def _read_selectors(directory: Path) -> Dict[Text, Selector]:
    entries = json.loads((directory / ENTRIES_FILE).read_text(encoding="utf-8"))
    selectors = {}
    for intent, answers in entries.items():
        model = IntentModel.load(directory / intent) if (directory / intent).exists() else None
        selectors[intent] = Selector(answers, model)
    return selectors

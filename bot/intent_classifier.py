"""The intent classifier: a kernel head on sentence vectors, with calibrated confidence and a scope decision.

Rasa reads component signatures at run time, so this module must not postpone the evaluation of annotations.
"""

import logging
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME, INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    INTENT_RESPONSE_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.doubt import CLOSE_SHARE, NEAR_PROBABILITY, NEAR_SIMILARITY, DoubtRule
from bot.encoding import DEFAULT_CACHE, MessageReader, shared_encoder, training_fingerprint
from bot.intent_model import (
    LISTED_LABELS,
    RANKED_LABELS,
    REFUSED_SHARE,
    UNKNOWN_LABELS,
    IntentModel,
    NotEnoughExamplesError,
    Prediction,
)
from bot.learnt import Lesson
from bot.masking import Masks
from bot.two_requests import Part, RequestRule, TwoRequests, confidence_of, label_of

logger = logging.getLogger(__name__)

ENCODER_DIRECTORY = "encoder_directory"
CACHE_DIRECTORY = "cache_directory"
MASKS = "masks"
REFUSED_SHARE_KEY = "refused_share"
RANKING_LENGTH_KEY = "ranking_length"
UNKNOWN_INTENTS_KEY = "unknown_intents"
FALLBACK_INTENT_KEY = "fallback_intent"
NOT_REQUESTS_KEY = "not_requests"
ONE_MATTER_KEY = "one_matter"
CLOSE_SHARE_KEY = "close_share"
NEAR_SIMILARITY_KEY = "near_similarity"
NEAR_PROBABILITY_KEY = "near_probability"

SCOPE_PROPERTY = "scope"
"""Message property with the scope decision: ``score``, ``threshold``, ``in_scope`` and the best ``intent`` and its
``confidence``, also when the fallback took its place."""

LABELS_PROPERTY = "labels"
LABEL_RANKING_PROPERTY = "label_ranking"
"""Message property for later components, not given out: the most probable labels, each with its probability."""

TWO_REQUESTS_PROPERTY = "two_requests"
"""Message property of a message that asks for two things: ``first`` and ``second``, each with its ``text``, ``start``,
``end``, ``label`` and ``confidence``. Intent, ranking and scope are then those of the first."""

TORN_PROPERTY = "torn_between"
"""Message property with the two best labels, where neither is clearly better."""

NEAREST_PROPERTY = "nearest"
"""Message property with the labels nearest to a message that was not understood, best first; it may be empty."""

RETRIEVAL_SEPARATOR = "/"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EncoderIntentClassifier(GraphComponent, IntentClassifier):
    """Predicts the intent; a message out of scope gets the fallback intent on top of the ranking.

    Every FAQ entry of a retrieval intent is a label of its own while learning, because its questions have little in
    common with those of other entries; the confidence of the retrieval intent is the sum over its entries.
    """

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        reader: Optional[MessageReader] = None,
        model: Optional[IntentModel] = None,
    ) -> None:
        """Takes the trained reader and model when there are any."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._reader = reader
        self._model = model
        self._looks_for_requests = config[NOT_REQUESTS_KEY] is not None
        not_requests = frozenset(config[NOT_REQUESTS_KEY] or (config[FALLBACK_INTENT_KEY],))
        self._requests = RequestRule(not_requests, tuple(map(frozenset, config[ONE_MATTER_KEY])))
        self._doubt = DoubtRule(
            not_requests, config[CLOSE_SHARE_KEY], config[NEAR_SIMILARITY_KEY], config[NEAR_PROBABILITY_KEY]
        )

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Every setting with its default."""
        return {
            # Folder of the prepared encoder; None is where `warmline setup` puts it.
            ENCODER_DIRECTORY: None,
            # Where vectors of training texts are kept between trainings.
            CACHE_DIRECTORY: str(DEFAULT_CACHE),
            # Values made alike before encoding: a list of {pattern, text}.
            MASKS: [],
            # Share of known messages that may be refused, as measured on left-out training examples.
            REFUSED_SHARE_KEY: REFUSED_SHARE,
            # How many intents the ranking lists.
            RANKING_LENGTH_KEY: 10,
            # Intents whose examples show what is out of scope; the fallback intent is always one.
            UNKNOWN_INTENTS_KEY: list(UNKNOWN_LABELS),
            # The intent of a message that is out of scope.
            FALLBACK_INTENT_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME,
            # Labels that ask for nothing by themselves, such as a greeting or a yes: never one of two requests, never
            # asked about. None: two requests, and labels that come close to each other, are not looked for at all.
            NOT_REQUESTS_KEY: None,
            # Groups of labels of which one is often the reason for another: together they are one request.
            ONE_MATTER_KEY: [],
            # The second label is close when its probability is so large a share of the first one's.
            CLOSE_SHARE_KEY: CLOSE_SHARE,
            # What counts as near to a message that was not understood: similarity to an example, and probability.
            NEAR_SIMILARITY_KEY: NEAR_SIMILARITY,
            NEAR_PROBABILITY_KEY: NEAR_PROBABILITY,
        }

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EncoderIntentClassifier":
        """An untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "EncoderIntentClassifier":
        """The trained classifier; untrained when training found too few intents."""
        encoder = shared_encoder(config[ENCODER_DIRECTORY])
        try:
            with model_storage.read_from(resource) as directory:
                reader, model = MessageReader.load(directory, encoder), IntentModel.load(directory)
                return cls(config, model_storage, resource, reader, model)
        except ValueError as error:
            logger.warning(f"The intent classifier has no model: {error}")
            return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Trains again when the encoder or the learning code changed, not only the data."""
        return training_fingerprint(config.get(ENCODER_DIRECTORY))

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from all examples with an intent."""
        texts, labels = labelled_texts(training_data)
        directory = self._config[ENCODER_DIRECTORY]
        lesson = Lesson(
            texts,
            labels,
            Masks.of_config(self._config[MASKS]),
            frozenset({*self._config[UNKNOWN_INTENTS_KEY], self._config[FALLBACK_INTENT_KEY]}),
            self._config[REFUSED_SHARE_KEY],
        )
        try:
            trained = lesson.learn(shared_encoder(directory), directory, Path(self._config[CACHE_DIRECTORY]))
        except NotEnoughExamplesError as error:
            logger.warning(f"The intent classifier was not trained: {error}")
            return self._resource
        self._reader, self._model = trained.reader, trained.model
        with self._model_storage.write_to(self._resource) as directory:
            self._reader.save(directory)
            self._model.save(directory)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Later components train on the written intents, not on predicted ones."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds intent, ranking and scope decision to each message, and what else stands in it or comes near it."""
        for message in messages:
            text = message.get(TEXT)
            # A payload such as /greet names its intent; Rasa reads it at the end of the pipeline.
            if self._reader is None or self._model is None or not text or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            whole = self._understand(text)
            two = self._requests.find(text, whole, self._understand) if self._looks_for_requests else None
            self._annotate(message, whole if two is None else two.understood_first)
            if two is not None:
                message.set(TWO_REQUESTS_PROPERTY, _written(two), add_to_output=True)
            elif self._looks_for_requests and (torn := self._doubt.torn_between(whole)):
                message.set(TORN_PROPERTY, list(torn), add_to_output=True)
        return messages

    def _understand(self, text: Text) -> Prediction:
        return self._model.predict(self._reader.read(text), LISTED_LABELS)[0]

    def _annotate(self, message: Message, prediction: Prediction) -> None:
        ranking = rank_intents(prediction.labels)[: self._config[RANKING_LENGTH_KEY]]
        scope = {
            "score": prediction.scope_score,
            "threshold": prediction.scope_threshold,
            "in_scope": prediction.in_scope,
            "intent": ranking[0][INTENT_NAME_KEY],
            PREDICTED_CONFIDENCE_KEY: ranking[0][PREDICTED_CONFIDENCE_KEY],
        }
        # An intent that itself means out of scope, as trained from examples, stays: the bot may know an answer to it.
        if not prediction.in_scope and not prediction.is_unknown_label:
            fallback = self._config[FALLBACK_INTENT_KEY]
            others = [entry for entry in ranking if entry[INTENT_NAME_KEY] != fallback]
            ranking = [_entry(fallback, 1.0 - prediction.scope_score), *others]
        message.set(LABELS_PROPERTY, prediction.labels)
        labels = [[label, round(share, 4)] for label, share in prediction.labels[:RANKED_LABELS]]
        message.set(LABEL_RANKING_PROPERTY, labels, add_to_output=True)
        if ranking[0][INTENT_NAME_KEY] == self._config[FALLBACK_INTENT_KEY]:
            message.set(NEAREST_PROPERTY, list(self._doubt.nearest(prediction)), add_to_output=True)
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        message.set(SCOPE_PROPERTY, scope, add_to_output=True)


def labelled_texts(training_data: TrainingData) -> Tuple[List[Text], List[Text]]:
    """Texts and their labels (``faq/opening_hours`` for a retrieval intent, else the intent), each pair once."""
    pairs = {
        (example.get(TEXT), example.get(INTENT_RESPONSE_KEY) or example.get(INTENT)): None
        for example in training_data.intent_examples
        if example.get(TEXT) and example.get(INTENT)
    }
    return [text for text, _ in pairs], [label for _, label in pairs]


def rank_intents(labels: Tuple[Tuple[Text, float], ...]) -> List[Dict[Text, Any]]:
    """Intents with their confidence, best first; the entries of a retrieval intent are summed."""
    sums: Dict[Text, float] = {}
    for label, probability in labels:
        intent = label.split(RETRIEVAL_SEPARATOR)[0]
        sums[intent] = sums.get(intent, 0.0) + probability
    return [_entry(intent, sums[intent]) for intent in sorted(sums, key=lambda intent: -sums[intent])]


def _written(two: TwoRequests) -> Dict[Text, Any]:
    def one(part: Part, understood: Prediction) -> Dict[Text, Any]:
        known = {"label": label_of(understood), PREDICTED_CONFIDENCE_KEY: confidence_of(understood)}
        return {TEXT: part.text, "start": part.start, "end": part.end, **known}

    return {"first": one(two.first, two.understood_first), "second": one(two.second, two.understood_second)}


def text_asked_first(message: Message) -> Text:
    """The words of a message that its intent was found in: of two requests those of the first."""
    two = message.get(TWO_REQUESTS_PROPERTY)
    return two["first"][TEXT] if two else message.get(TEXT)


def _entry(intent: Text, confidence: float) -> Dict[Text, Any]:
    return {INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: confidence}

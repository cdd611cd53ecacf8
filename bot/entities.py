"""Entities with a known shape: order and invoice numbers, e-mail addresses, amounts, postcodes, dates, catalogue words.

What to look for stands in config.yml; this module only knows how to look and how to write a value down. Rasa reads
component signatures at run time, so this module must not postpone the evaluation of annotations.
"""

import json
import re
from datetime import date
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

WORDS_FILE = "words.json"

DIGIT_GROUP = "digits"
"""Groups whose name starts so are read as digits: a letter O typed for a zero counts as one."""

LOOKALIKES = str.maketrans({"o": "0", "O": "0", "l": "1", "I": "1", "i": "1"})
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Rule(NamedTuple):
    """One entity: where it is seen, and how its value is written."""

    entity: Text
    patterns: List["re.Pattern[Text]"]
    write: Callable[["re.Match[Text]"], Text]
    lookup: bool


class Found(NamedTuple):
    """A value at a place in the text; ``end`` is exclusive."""

    entity: Text
    start: int
    end: int
    value: Text


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class PatternEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Finds entities by patterns and by words of the training data, and normalises their values.

    Where two would overlap, the one that stands first in the configuration wins, and of the same entity the longer.
    """

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        words: Optional[Dict[Text, Dict[Text, Text]]] = None,
    ) -> None:
        """Takes the words learned in training: for each lookup entity, written form -> value."""
        self._model_storage = model_storage
        self._resource = resource
        self._rules = [_rule(entry) for entry in config["entities"]]
        self._use(words or {})

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Every setting with its default.

        ``entities`` is a list of entries with the keys ``entity``; ``patterns`` (regular expressions, case ignored);
        ``template`` (how the value is written, with the patterns' named groups) or ``kind`` (``text``, ``lower``,
        ``amount``, ``postcode``, ``date``); and ``lookup`` (true: also the values annotated in the training data, its
        lookup tables and synonyms).
        """
        return {"entities": []}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "PatternEntityExtractor":
        """An extractor that knows its patterns but no words yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "PatternEntityExtractor":
        """The extractor with the words of its training."""
        with model_storage.read_from(resource) as directory:
            words = json.loads((directory / WORDS_FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, words)

    def train(self, training_data: TrainingData) -> Resource:
        """Collects the words of lookup entities."""
        words = {rule.entity: _learn_words(training_data, rule.entity) for rule in self._rules if rule.lookup}
        self._use(words)
        with self._model_storage.write_to(self._resource) as directory:
            (directory / WORDS_FILE).write_text(json.dumps(words, indent=1), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Later components train on the written entities, not on found ones."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Appends what was found to each message's entities."""
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            entities = [
                {
                    ENTITY_ATTRIBUTE_TYPE: found.entity,
                    ENTITY_ATTRIBUTE_START: found.start,
                    ENTITY_ATTRIBUTE_END: found.end,
                    ENTITY_ATTRIBUTE_VALUE: found.value,
                    "confidence_entity": 1.0,
                }
                for found in self.find(text)
            ]
            named = self.add_extractor_name(entities)
            message.set(ENTITIES, message.get(ENTITIES, []) + named, add_to_output=True)
        return messages

    def find(self, text: Text) -> List[Found]:
        """Every entity in the text, in reading order, none overlapping another."""
        taken: List[Found] = []
        for rule in self._rules:
            matches = [match for pattern in rule.patterns for match in pattern.finditer(text)]
            candidates = [_found(rule, match) for match in matches] + self._find_words(rule, text)
            for candidate in sorted(candidates, key=lambda found: found.start - found.end):
                if all(candidate.end <= other.start or candidate.start >= other.end for other in taken):
                    taken.append(candidate)
        return sorted(taken, key=lambda found: found.start)

    def _find_words(self, rule: Rule, text: Text) -> List[Found]:
        pattern = self._word_patterns.get(rule.entity)
        if pattern is None:
            return []
        values = self._words[rule.entity]
        return [
            Found(rule.entity, match.start(1), match.end(1), values[match.group(1).lower()])
            for match in pattern.finditer(text)
        ]

    def _use(self, words: Dict[Text, Dict[Text, Text]]) -> None:
        self._words = words
        self._word_patterns = {entity: _any_of(forms) for entity, forms in words.items() if forms}


def _rule(entry: Dict[Text, Any]) -> Rule:
    try:
        patterns = [re.compile(pattern, re.IGNORECASE) for pattern in entry.get("patterns", [])]
        template, kind = entry.get("template"), entry.get("kind", "text")
        write = _template_writer(template) if template else WRITERS[kind]
        return Rule(entry["entity"], patterns, write, bool(entry.get("lookup", False)))
    except (KeyError, re.error) as error:
        raise InvalidConfigException(
            f"config.yml: entry {entry.get('entity', entry)} of PatternEntityExtractor cannot be used ({error}). It "
            f"needs 'entity' and valid regular expressions in 'patterns'; 'kind' is one of {sorted(WRITERS)}"
        ) from error


def _found(rule: Rule, match: "re.Match[Text]") -> Found:
    return Found(rule.entity, match.start(), match.end(), rule.write(match))


def _learn_words(training_data: TrainingData, entity: Text) -> Dict[Text, Text]:
    """Written form in lower case -> value, for annotated values, lookup tables and synonyms."""
    values = {
        annotation[ENTITY_ATTRIBUTE_VALUE]
        for example in training_data.entity_examples
        for annotation in example.get(ENTITIES, [])
        if annotation[ENTITY_ATTRIBUTE_TYPE] == entity
    }
    for table in training_data.lookup_tables:
        if table["name"] == entity and isinstance(table["elements"], list):
            values.update(table["elements"])
    forms = {value.lower(): value.lower() for value in sorted(values)}
    for form, value in training_data.entity_synonyms.items():
        if value in values or value.lower() in forms:
            forms[form.lower()] = value.lower()
    return forms


def _any_of(forms: Dict[Text, Text]) -> "re.Pattern[Text]":
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})(?:s|es)?\b", re.IGNORECASE)


def _template_writer(template: Text) -> Callable[["re.Match[Text]"], Text]:
    def write(match: "re.Match[Text]") -> Text:
        groups = {
            name: value.translate(LOOKALIKES) if name.startswith(DIGIT_GROUP) else value
            for name, value in match.groupdict("").items()
        }
        return template.format(**groups)

    return write


def write_amount(match: "re.Match[Text]") -> Text:
    """An amount of money in pounds with two decimals, from a group ``pounds`` or ``pence``."""
    groups = match.groupdict()
    if groups.get("pence"):
        return f"{int(groups['pence']) / 100:.2f}"
    return f"{float(groups['pounds'].replace(',', '')):.2f}"


def write_postcode(match: "re.Match[Text]") -> Text:
    """A United Kingdom postcode in capitals with one space."""
    letters = re.sub(r"\s", "", match.group()).upper()
    return f"{letters[:-3]} {letters[-3:]}"


def write_date(match: "re.Match[Text]") -> Text:
    """ISO 8601 when day, month and year are given (the day first), otherwise the words in lower case."""
    groups = match.groupdict()
    words = re.sub(r"\s+", " ", match.group().lower())
    if not (groups.get("year") and groups.get("month") and groups.get("day")):
        return words
    month = groups["month"].lower()
    number = int(month) if month.isdigit() else MONTHS.index(month[:3]) + 1
    year = int(groups["year"])
    try:
        return date(year + 2000 if year < 100 else year, number, int(groups["day"])).isoformat()
    except ValueError:
        return words


WRITERS: Dict[Text, Callable[["re.Match[Text]"], Text]] = {
    "text": lambda match: match.group(),
    "lower": lambda match: match.group().lower(),
    "amount": write_amount,
    "postcode": write_postcode,
    "date": write_date,
}

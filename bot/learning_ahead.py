"""``python -m bot.learning_ahead DATA CONFIG``: learns to understand while Rasa still reads and checks the same files.

Reads the examples as Rasa reads them, but without Rasa, which alone takes seconds to start. What is learnt is kept
where the intent classifier looks for it (``bot.learnt``), under a name that stands for every example: should Rasa read
anything otherwise, it learns itself, and nothing but time is lost. So a mistake in a file is left to Rasa to tell.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.encoding import DEFAULT_CACHE, shared_encoder
from bot.intent_model import REFUSED_SHARE, UNKNOWN_LABELS
from bot.learnt import Lesson
from bot.masking import Masks
from models.encoder.encode import EncoderNotPreparedError

CLASSIFIER = "bot.intent_classifier.EncoderIntentClassifier"
FALLBACK = "nlu_fallback"
ANNOTATION = re.compile(r"\[(?P<text>[^\]]+?)\](?:\([^)]+?\)|\{[^}]+?\}|\[.*?\])")
"""A mark around data in an example, as Rasa reads it: ``[LH-10234](order_number)``."""
HOLDS_EXAMPLES = re.compile(r"^nlu\s*:", re.MULTILINE)
STRIPPED = "\n\r "
"""What Rasa takes off both ends of an example."""


def main(arguments: list[str]) -> int:
    """Learns; 1 when there is nothing to learn ahead, which is for Rasa to explain."""
    data, config = map(Path, arguments)
    try:
        settings = classifier_settings(config)
        pairs = list(dict.fromkeys(examples(data)))
        unknown = {*settings.get("unknown_intents", UNKNOWN_LABELS), settings.get("fallback_intent", FALLBACK)}
        lesson = Lesson(
            [text for text, _ in pairs],
            [label for _, label in pairs],
            Masks.of_config(settings.get("masks", [])),
            frozenset(unknown),
            settings.get("refused_share", REFUSED_SHARE),
        )
        directory = settings.get("encoder_directory")
        lesson.learn(shared_encoder(directory), directory, Path(settings.get("cache_directory", DEFAULT_CACHE)))
    except (OSError, ValueError, YAMLError, LookupError, AttributeError, TypeError, EncoderNotPreparedError):
        return 1
    return 0


def classifier_settings(config: Path) -> dict[str, Any]:
    """What config.yml says of the classifier. Raises LookupError where it is not in the pipeline."""
    found = [entry for entry in _read(config.read_text(encoding="utf-8"))["pipeline"] if entry["name"] == CLASSIFIER]
    return dict(found[0])


def examples(data: Path) -> Iterator[tuple[str, str]]:
    """Each example with its label, in Rasa's order."""
    files = [str(path) for path in data.rglob("*") if path.suffix in (".yml", ".yaml") and path.is_file()]
    for file in sorted(files):
        text = Path(file).read_text(encoding="utf-8")
        for entry in _read(text)["nlu"] if HOLDS_EXAMPLES.search(text) else ():
            if "intent" in entry:
                for written in _lines(entry["examples"]):
                    yield ANNOTATION.sub(lambda mark: mark["text"], written), entry["intent"].strip()


def _lines(written: Any) -> Iterator[str]:
    if isinstance(written, str):
        for line in written.splitlines():
            if line.startswith("-"):
                yield line[1:].strip(STRIPPED)
    else:
        for example in written:
            yield example["text"].strip(STRIPPED)


def _read(text: str) -> Any:
    return YAML(typ="safe").load(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Model files as Rasa packs them, made without Rasa."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

from bot.encoding import MessageReader, shared_encoder
from bot.intent_model import IntentModel
from bot.masking import Masks

COMPONENT = "components/train_bot.intent_classifier.EncoderIntentClassifier0"


def write_model(file: Path, examples: dict[str, list[str]], age: int = 0) -> Path:
    """A model file as Rasa packs it, with a classifier that learnt these examples."""
    folder = file.parent / f"{file.name}.parts"
    folder.mkdir(parents=True)
    texts = [text for found in examples.values() for text in found]
    labels = [label for label, found in examples.items() for _ in found]
    reader = MessageReader.learn(shared_encoder(), texts, Masks.of_config([]))
    reader.save(folder)
    IntentModel.train(reader.read_training(texts, folder), labels, refused_share=0.0).save(folder)
    with tarfile.open(file, "w:gz") as archive:
        archive.add(folder, COMPONENT)
    os.utime(file, (1_700_000_000 + age, 1_700_000_000 + age))
    return file

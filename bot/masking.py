"""Values of a known shape are made alike before a message is encoded.

The digits of an order number say nothing of what its writer wants, but they move the sentence's vector: with them
"where is LH-10234" and "where is LH-10010" can land on different intents. A mask writes the same value for all of them,
in training and afterwards.
"""

import re
from typing import Dict, List, NamedTuple, Sequence


class MaskError(ValueError):
    """A mask in config.yml cannot be used; the message says which and why."""


class Mask(NamedTuple):
    """What is looked for (case ignored), and what stands there instead."""

    pattern: str
    text: str


class Masks:
    """Several masks, applied in their order."""

    def __init__(self, masks: Sequence[Mask]) -> None:
        self._masks = list(masks)
        self._compiled = [
            # No backslash in the text means anything: it stands as it is.
            (re.compile(mask.pattern, re.IGNORECASE), mask.text.replace("\\", r"\\"))
            for mask in masks
        ]

    @classmethod
    def of_config(cls, entries: Sequence[Dict[str, str]]) -> "Masks":
        """The masks of a component's configuration.

        Raises:
            MaskError: an entry has other keys than ``pattern`` and ``text``, or no valid pattern.
        """
        masks = []
        for entry in entries:
            if set(entry) != {"pattern", "text"}:
                raise MaskError(f"a mask has the keys pattern and text; config.yml has {sorted(entry)}")
            try:
                re.compile(entry["pattern"])
            except re.error as error:
                raise MaskError(f"the mask {entry['pattern']!r} is no regular expression: {error}") from error
            masks.append(Mask(entry["pattern"], entry["text"]))
        return cls(masks)

    def apply(self, text: str) -> str:
        """The text with every value of a known shape made alike."""
        for pattern, replacement in self._compiled:
            text = pattern.sub(replacement, text)
        return text

    def to_config(self) -> List[Dict[str, str]]:
        """The masks as ``of_config`` reads them."""
        return [mask._asdict() for mask in self._masks]

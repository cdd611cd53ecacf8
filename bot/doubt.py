"""When the bot should rather ask than answer: between which two labels it is torn, and what comes near when it is lost.

Free of Rasa, like the model whose predictions it reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.intent_model import Prediction

CLOSE_SHARE = 0.65
"""The second label is close when its probability is so large a share of the first one's."""

NEAR_SIMILARITY = 0.53
"""A message that is less similar to its nearest training example has no nearest topic: it may be nonsense."""

NEAR_PROBABILITY = 0.08
"""A label that is less probable is not among the nearest."""

MOST_NEAREST = 3


@dataclass(frozen=True)
class DoubtRule:
    """What counts as torn and as near.

    ``not_requests`` are labels that nobody could be asked about ("do you mean a greeting?"); the other settings are
    those of the constants above.
    """

    not_requests: frozenset[str] = frozenset()
    close_share: float = CLOSE_SHARE
    near_similarity: float = NEAR_SIMILARITY
    near_probability: float = NEAR_PROBABILITY

    def torn_between(self, prediction: Prediction) -> tuple[str, ...]:
        """The two best labels where neither is clearly better; empty where one is, or the message is out of scope."""
        if not prediction.in_scope or len(prediction.labels) < 2:
            return ()
        (first, probability), (second, runner_up) = prediction.labels[:2]
        asks = self.not_requests.isdisjoint((first, second)) and runner_up >= self.close_share * probability
        return (first, second) if asks else ()

    def nearest(self, prediction: Prediction) -> tuple[str, ...]:
        """The labels that come near a message that was not understood, best first, at most ``MOST_NEAREST``."""
        if prediction.similarity < self.near_similarity:
            return ()
        near = [label for label, probability in prediction.labels if probability >= self.near_probability]
        return tuple(label for label in near if label not in self.not_requests)[:MOST_NEAREST]

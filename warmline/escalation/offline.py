"""Scoring conversations as production would, turn by turn and without looking ahead, from their texts alone.

The same understanding, frustration model, signals and policy as in the running system. What production knows and a
text does not tell is left out: who the customer is, earlier conversations, open forms. Where the decision offers a
person, the offer counts as made, for that is what production would have said; the recorded bot's words count as they
stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from actions.brain import FrustrationModelPort
from actions.policy_view import view_of
from actions.reading import categories_by_label, labels_kept
from actions.score_turn import decision_of, felt_of, only_sounds_curt
from actions.scoring.decision import score_turn
from actions.scoring.picture import Picture
from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask
from actions.scoring.turn import OFFER_ACTION, TurnInput
from bot.intent_model import RANKED_LABELS, Prediction
from handoff.contract import Decision
from models.encoder.encode import TOKENIZER_FILE, EncoderNotPreparedError, SentenceEncoder
from models.frustration.reading import MESSAGES_BEFORE, Said
from models.frustration.score import FrustrationModel
from warmline.content.structure import OUT_OF_SCOPE
from warmline.content.understanding import Understanding, understood_of
from warmline.errors import CommandError
from warmline.escalation.bot_words import did_not_understand, offered_person
from warmline.escalation.policy_file import usable_policy
from warmline.policy import EscalationPolicy
from warmline.settings import Settings
from warmline.training import live_model

Role = Literal["customer", "bot", "agent"]


@dataclass(frozen=True)
class Line:
    """One row of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True)
class ScoredLine:
    """What production says of one customer turn: scores 0 to 1, the decision, and its reasons in words."""

    frustration: float
    abuse: float
    urgency: float
    decision: Literal["none", "offer", "now"]
    reasons: tuple[str, ...]
    record: Decision


@dataclass(frozen=True)
class Heard:
    """What the assistant understood of a turn."""

    intent: str
    confidence: float
    topic: str | None
    categories: dict[str, float]


class OfflineScorer:
    """Scores whole conversations with the parts that production uses."""

    def __init__(
        self,
        policy: EscalationPolicy,
        frustration: FrustrationModelPort,
        likeness: Callable[[str, str], float],
        understand: Callable[[str], Prediction],
    ) -> None:
        self._policy = policy
        self._view: PolicyView = view_of(policy)
        self._frustration = frustration
        self._likeness = likeness
        self._understand = understand

    @classmethod
    def load(cls, settings: Settings, policy: Path | None = None) -> OfflineScorer:
        """The parts as they are on this machine.

        Args:
            settings: where the models and the policy are.
            policy: another policy file than the one in force.

        Raises:
            CommandError: the sentence encoder is not prepared, no assistant is trained, or the policy cannot be used.
        """
        loaded = usable_policy(policy or settings.policy_file)
        model = live_model(settings)
        if model is None:
            raise CommandError("no assistant is trained yet", "run `make train`")
        understanding = Understanding.of_model(model)
        try:
            encoder = SentenceEncoder.load(settings.encoder_dir)
        except EncoderNotPreparedError as error:
            raise CommandError(str(error), "run `make setup`") from error

        def likeness(one: str, other: str) -> float:
            first, second = encoder.encode([one, other])
            return float(first @ second)

        frustration = FrustrationModel.load(tokenizer=settings.encoder_dir / TOKENIZER_FILE)
        return cls(loaded, frustration, likeness, understanding.predict)

    @property
    def scored_by(self) -> str:
        """``model``, or ``vader`` where the model could not be loaded."""
        return self._frustration.scored_by

    @property
    def policy_version(self) -> str:
        """The version of the policy that decides."""
        return self._policy.version

    def score(self, lines: Sequence[Line]) -> list[ScoredLine | None]:
        """What production says of each customer line, in order; None for the lines of bot and agent."""
        picture, said = Picture(), list[Said]()
        replies: list[str] = []
        offered = False
        scored: list[ScoredLine | None] = []
        for number, line in enumerate(lines):
            if line.role != "customer":
                replies.append(line.text)
                said.append(Said(line.role, line.text))
                scored.append(None)
                continue
            turn = self._turn(number, line.text, replies, said, picture, offered=offered)
            outcome, picture = score_turn(turn, picture, self._view)
            offered = outcome.action is Ask.OFFER
            decision = decision_of(outcome)
            scored.append(
                ScoredLine(
                    round(turn.frustration, 4),
                    round(turn.abuse, 4),
                    round(turn.urgency, 4),
                    decision.action.value,
                    tuple(_in_words(reason.signal, reason.evidence) for reason in decision.reasons),
                    decision,
                )
            )
            said.append(Said("customer", line.text))
            replies = []
        return scored

    def _turn(
        self, number: int, text: str, replies: Sequence[str], said: Sequence[Said], picture: Picture, *, offered: bool
    ) -> TurnInput:
        heard = self._hear(text)
        # An offer counts as made, but the customer answered the words that stand there: "no" to "Did that help?".
        of_another = offered and bool(replies) and replies[-1].rstrip().endswith("?")
        of_another = of_another and not any(map(offered_person, replies))
        turn = TurnInput(
            key=str(number),
            text=text,
            intent=heard.intent,
            confidence=heard.confidence,
            topic=heard.topic,
            category=self._policy.category_of(heard.topic) if heard.topic else None,
            categories=heard.categories,
            last_actions=(OFFER_ACTION,) if offered or any(map(offered_person, replies)) else (),
            replies=tuple(replies),
            told_failure=any(map(did_not_understand, replies)),
            asked_since=of_another,
        )
        if picture.failed and text.strip():
            turn = replace(turn, like_failed=self._likeness(text, picture.failed))
        if not text.strip() or only_sounds_curt(turn):
            return turn
        return felt_of(turn, self._frustration.score(text, said[-MESSAGES_BEFORE:]))

    def _hear(self, text: str) -> Heard:
        if not text.strip():
            return Heard("", 1.0, None, {})
        prediction = self._understand(text)
        understood = understood_of(prediction)
        if understood.label == OUT_OF_SCOPE:
            # Whether the recorded bot understood it, its reply tells.
            return Heard("", 1.0, None, {})
        known = self._policy.is_known(understood.best)
        intent = understood.best.partition("/")[0]
        labels = labels_kept(prediction.labels[:RANKED_LABELS])
        categories = categories_by_label(labels.items(), self._policy)
        return Heard(intent, understood.confidence, understood.best if known else None, categories)


def _in_words(signal: str, evidence: Sequence[str]) -> str:
    return f"{signal}: {'; '.join(evidence)}" if evidence else signal

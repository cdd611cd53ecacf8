"""Dangers named plainly, and words of danger only mentioned, in situations that no training turn is about (P5, P10)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER
from models.encoder.encode import TOKENIZER_FILE
from models.frustration.examples import NEEDS, Example, read_needs
from models.frustration.score import Felt, FrustrationModel

TURNS: Final = Path(__file__).resolve().parents[1] / "data" / "needs"
RISKS: Final = ("safety", "self_harm", "security", "fraud", "legal", "regulator", "press")
HEARD: Final = 0.55
"""From here on most risks count by their meaning (``data/escalation.yml``)."""
MENTIONED: Final = 0.2
"""Below, words that may only be mentioned do not count."""

pytestmark = pytest.mark.skipif(
    not (ENCODER / TOKENIZER_FILE).exists(), reason="the encoder is not prepared (make setup)"
)


@pytest.fixture(scope="module")
def turns() -> Sequence[tuple[Example, Felt]]:
    model = FrustrationModel.load()
    (examples,) = read_needs(TURNS).values()
    return [(example, model.score(example.text, example.before)) for example in examples]


def test_most_dangers_are_told_by_their_meaning_and_nearly_all_leave_a_trace(
    turns: Sequence[tuple[Example, Felt]],
) -> None:
    likely = [
        felt.needs[risk] for turn, felt in turns for risk in RISKS if turn.needs and turn.needs[NEEDS.index(risk)]
    ]
    assert len(likely) > 50
    assert sum(value >= HEARD for value in likely) / len(likely) > 0.75
    assert sum(value >= MENTIONED for value in likely) / len(likely) > 0.84


def test_few_harmless_mentions_are_taken_for_a_danger(turns: Sequence[tuple[Example, Felt]]) -> None:
    highest = [max(felt.needs[risk] for risk in RISKS) for turn, felt in turns if turn.needs and not any(turn.needs)]
    assert len(highest) > 60
    assert sum(value >= HEARD for value in highest) / len(highest) < 0.03
    assert sum(value >= MENTIONED for value in highest) / len(highest) < 0.08


def test_no_turn_of_the_training_is_among_them(turns: Sequence[tuple[Example, Felt]]) -> None:
    learnt = {example.text.lower() for rows in read_needs().values() for example in rows}
    assert not [turn.text for turn, _ in turns if turn.text.lower() in learnt]

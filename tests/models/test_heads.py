"""The last part of the model is learnt again from added turns and verdicts, and the rest of it stays as it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

pytest.importorskip("sklearn")

from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER  # noqa: E402
from models.encoder.encode import TOKENIZER_FILE  # noqa: E402
from models.frustration.examples import NEEDS, OWN, VERDICTS, Example  # noqa: E402
from models.frustration.heads import HeadsError, Reading, _cut, learn, relearn  # noqa: E402
from models.frustration.material import Material  # noqa: E402
from models.frustration.reading import Said  # noqa: E402
from models.frustration.score import CARD_FILE, DEFAULT_DIRECTORY, TASKS, FrustrationModel  # noqa: E402

pytestmark = pytest.mark.skipif(
    not (ENCODER / TOKENIZER_FILE).exists(), reason="the encoder is not prepared (make setup)"
)
JOKE = "the disco ball threw sparks of joy"
DANGER = "there are sparks behind the disco ball"
OTHER = ["where is my parcel", "thank you, that was it", "I have been waiting for a call since Monday", "new bulb please"]


def turn(text: str, *needs: str, source: str = OWN) -> Example:
    return Example(text, source, needs=tuple(float(name in needs) for name in NEEDS))


@pytest.fixture(scope="module")
def reading() -> Reading:
    return Reading()


@pytest.fixture(scope="module")
def material() -> Material:
    own = [turn(DANGER, "safety")] * 40 + [turn(JOKE)] * 40 + [turn(OTHER[2], "long_wait"), *map(turn, OTHER[:2])]
    return Material(tuple(own), (turn(OTHER[3]), turn("sparks from the plug", "safety")), (), ())


@pytest.fixture(scope="module")
def learnt(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    relearn(material, out, lambda line: None)
    return out


def test_what_the_heads_read_gives_the_scores_that_are_served(reading: Reading) -> None:
    model = FrustrationModel.load()
    for text, before in ((DANGER, ()), ("no", (Said("bot", "Did that help?"),))):
        values = reading.weights() @ reading.read(Example(text, OWN, before)).astype(np.float64)
        share = 1.0 / (1.0 + np.exp(-(reading.card.slope * values + reading.card.offset)))
        felt = model.score(text, before)
        served = [felt.score, felt.abuse, felt.urgency, felt.take_over, *(felt.needs[name] for name in NEEDS)]
        assert np.abs(share - np.array(served)).max() < 0.02


def test_an_added_turn_is_learnt_and_other_turns_stay_as_they_were(learnt: Path) -> None:
    before, after = FrustrationModel.load(), FrustrationModel.load(learnt)
    assert after.scored_by == "model"
    assert after.score(DANGER).needs["safety"] > 0.9
    assert after.score(JOKE).needs["safety"] < 0.1
    for text in OTHER:
        old, new = before.score(text), after.score(text)
        assert new.needs["fraud"] == pytest.approx(old.needs["fraud"], abs=0.05)


def test_moods_stay_to_the_last_digit_where_no_verdict_speaks_of_them(learnt: Path) -> None:
    """What public sets measure is frustration and abuse: learning needs again cannot move them."""
    before, after = FrustrationModel.load(), FrustrationModel.load(learnt)
    for text in (DANGER, JOKE, *OTHER, "this is RIDICULOUS, you useless lot"):
        old, new = before.score(text), after.score(text)
        assert (new.score, new.abuse, new.urgency, new.take_over) == pytest.approx(
            (old.score, old.abuse, old.urgency, old.take_over), abs=1e-3
        )


def test_an_agents_verdict_moves_how_frustrated_such_a_turn_counts(reading: Reading) -> None:
    calm = "the box was a little dented but never mind"
    verdict = Example(calm, VERDICTS, frustration=0.8)
    rows = [verdict] * 5
    read = np.stack([reading.read(example) for example in rows])
    old = reading.weights()
    new = learn(rows, read, old, reading.card, ("frustration",))
    assert float(new[0] @ read[0]) > float(old[0] @ read[0]) + 0.3
    assert (new[1:] == old[1:]).all()


def test_learning_is_the_same_whatever_the_order_of_turns(reading: Reading, material: Material) -> None:
    examples = list(material.own)
    read = np.stack([reading.read(example) for example in examples])
    old = reading.weights()
    there = learn(examples, read, old, reading.card, NEEDS)
    back = learn(examples[::-1], read[::-1], old, reading.card, NEEDS)
    assert np.abs(there - back).max() < 0.01
    assert np.abs(there - old).max() > 0.01


def test_the_card_says_what_was_learnt_again_and_from_how_much(learnt: Path) -> None:
    about = json.loads((learnt / CARD_FILE).read_text(encoding="utf-8"))["about"]
    assert about["heads"]["learnt_again"] == list(NEEDS)
    assert about["heads"]["examples"] == {"own": 85, "judged": 0, "other": 0}
    shipped = json.loads((DEFAULT_DIRECTORY / CARD_FILE).read_text(encoding="utf-8"))["about"]
    assert about["held_out"] == shipped["held_out"], "figures of the network that had not seen them stay"


def test_a_verdict_brings_frustration_among_what_is_learnt(material: Material, tmp_path: Path) -> None:
    judged = replace(material, judged=(Example("well, thank you for nothing", VERDICTS, frustration=0.8),))
    relearn(judged, tmp_path, lambda line: None)
    about = json.loads((tmp_path / CARD_FILE).read_text(encoding="utf-8"))["about"]["heads"]
    assert about["learnt_again"] == ["frustration", *NEEDS]
    assert TASKS.index("frustration") == 0


def test_a_graph_without_heads_is_refused(reading: Reading) -> None:
    other = onnx.ModelProto()
    other.CopyFrom(reading.graph)
    del other.graph.initializer[:]
    with pytest.raises(HeadsError, match="restore models/frustration/model"):
        _cut(other)

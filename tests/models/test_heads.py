"""The last part of the model is learnt again from added turns and verdicts, and the rest of it stays as it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

pytest.importorskip("sklearn")

from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER
from models.encoder.encode import TOKENIZER_FILE
from models.frustration import heads
from models.frustration.examples import NEEDS, OWN, VERDICTS, Example
from models.frustration.heads import HeadsError, Reading, _cut, learn, relearn
from models.frustration.material import Additions, Questions, own_files, read_additions
from models.frustration.reading import Said
from models.frustration.score import CARD_FILE, DEFAULT_DIRECTORY, FrustrationModel

pytestmark = pytest.mark.skipif(
    not (ENCODER / TOKENIZER_FILE).exists(), reason="the encoder is not prepared (make setup)"
)
JOKE = "the disco ball threw sparks of joy"
DANGER = "there are sparks behind the disco ball"
OTHER = [
    "where is my parcel",
    "thank you, that was it",
    "I have been waiting for a call since Monday",
    "new bulb please",
]


def turn(text: str, *needs: str, source: str = OWN) -> Example:
    return Example(text, source, needs=tuple(float(name in needs) for name in NEEDS))


@pytest.fixture(scope="module")
def reading() -> Reading:
    return Reading()


ADDITIONS = Additions(
    added=(*[turn(DANGER, "safety")] * 40, *[turn(JOKE)] * 40),
    held_out=(turn(OTHER[3]), turn("sparks from the plug", "safety")),
    judged=(),
    known=tuple(map(turn, OTHER)),
)


def relearnt(additions: Additions, out: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(heads, "read_additions", lambda *_: additions)
        relearn(None, Questions(), out, lambda line: None)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    relearnt(ADDITIONS, out)
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
    verdicts = [Example("the box was a little dented but never mind", VERDICTS, frustration=0.8)] * 5
    fresh = np.stack([reading.read(example) for example in verdicts])
    known = np.stack([reading.read(turn(text)) for text in OTHER])
    old = reading.weights()
    new = learn(verdicts, fresh, known, old, reading.card, ("frustration",))
    assert float(new[0] @ fresh[0]) > float(old[0] @ fresh[0]) + 0.3
    assert (new[1:] == old[1:]).all()


def test_learning_is_the_same_whatever_the_order_of_turns(reading: Reading) -> None:
    added = list(ADDITIONS.added)
    fresh, known = (np.stack([reading.read(one) for one in turns]) for turns in (added, ADDITIONS.known))
    old = reading.weights()
    there = learn(added, fresh, known, old, reading.card, NEEDS)
    back = learn(added[::-1], fresh[::-1], known, old, reading.card, NEEDS)
    assert np.abs(there - back).max() < 0.01
    assert np.abs(there - old).max() > 0.01


def test_the_card_says_what_was_learnt_again_and_from_how_much(learnt: Path) -> None:
    about = json.loads((learnt / CARD_FILE).read_text(encoding="utf-8"))["about"]
    assert about["heads"]["learnt_again"] == list(NEEDS)
    assert about["heads"]["examples"] == {"own": 82, "judged": 0, "known": 4}
    shipped = json.loads((DEFAULT_DIRECTORY / CARD_FILE).read_text(encoding="utf-8"))["about"]
    assert about["held_out"] == shipped["held_out"], "figures of the network that had not seen them stay"


def test_a_verdict_brings_frustration_among_what_is_learnt(tmp_path: Path) -> None:
    relearnt(replace(ADDITIONS, judged=(Example("well, thank you for nothing", VERDICTS, frustration=0.8),)), tmp_path)
    about = json.loads((tmp_path / CARD_FILE).read_text(encoding="utf-8"))["about"]["heads"]
    assert about["learnt_again"] == ["frustration", *NEEDS]


def test_what_the_network_has_learnt_from_is_kept_and_only_the_rest_is_added() -> None:
    files = own_files()
    turns = sum(len(group) for name, groups in files.items() for group in groups if name == "needs/only_mentioned")
    additions = read_additions([name for name in files if name != "needs/only_mentioned"], None, Questions())
    assert len(additions.added) + len(additions.held_out) == turns
    assert len(additions.known) > 5 * turns


def test_nothing_to_learn_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(HeadsError, match="there is nothing that the model has not learnt"):
        relearnt(replace(ADDITIONS, added=(), held_out=()), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_graph_without_heads_is_refused(reading: Reading) -> None:
    other = onnx.ModelProto()
    other.CopyFrom(reading.graph)
    del other.graph.initializer[:]
    with pytest.raises(HeadsError, match="restore models/frustration/model"):
        _cut(other)

"""The whole training: a network is measured on turns that it has not seen, and then learns those too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("sklearn")

from models.encoder.encode import DEFAULT_DIRECTORY, TOKENIZER_FILE  # noqa: E402
from models.encoder.weights import EncoderSource  # noqa: E402
from models.frustration import train as training  # noqa: E402
from models.frustration.examples import OWN, PLAIN, Example  # noqa: E402
from models.frustration.material import Material, Sources  # noqa: E402
from models.frustration.network import FrustrationNetwork  # noqa: E402
from models.frustration.reading import LEARNT_MESSAGES, LEARNT_PIECES, TurnReader  # noqa: E402
from models.frustration.score import CARD_FILE, TASKS, FrustrationModel  # noqa: E402
from models.frustration.train import Workshop, train  # noqa: E402
from models.frustration.tuning import ExampleReader, Recipe, tune  # noqa: E402
from tests.models.test_network import ANGRY, CALM, CONFIG, CPU  # noqa: E402

pytestmark = pytest.mark.skipif(
    not (DEFAULT_DIRECTORY / TOKENIZER_FILE).exists(), reason="the encoder is not prepared (make setup)"
)
RECIPE = Recipe(epochs=3, own_repeats=12, batch=8, rate=2e-3, head_rate=2e-2, further_rate=2e-3, further_head_rate=2e-2)
FRESH_ANGRY = ["shame on your whole house", "disgraceful, a swindle"]
FRESH_CALM = ["the blue one suits me", "tuesday would be fine"]


def judged(angry: list[str], calm: list[str]) -> tuple[Example, ...]:
    """Turns of the project that tell frustration."""
    scored = [(text, 1.0) for text in angry] + [(text, 0.0) for text in calm]
    return tuple(Example(text, OWN, frustration=score) for text, score in scored)


KNOWN = judged(ANGRY, CALM)
FRESH = judged(FRESH_ANGRY, FRESH_CALM)
OTHER = (Example("Where is the shop?", PLAIN),)


def beginner() -> FrustrationNetwork:
    torch.manual_seed(3)
    return FrustrationNetwork(CONFIG)


@pytest.fixture(scope="module")
def workshop() -> Workshop:
    tokenizer = Tokenizer.from_file(str(DEFAULT_DIRECTORY / TOKENIZER_FILE))
    served = ExampleReader(TurnReader(tokenizer), RECIPE)
    whole = ExampleReader(TurnReader(tokenizer, LEARNT_MESSAGES, LEARNT_PIECES), RECIPE)
    weights = {name: value.numpy() for name, value in beginner().encoder.state_dict().items()}
    return Workshop(EncoderSource(weights, CONFIG, b""), served, whole, RECIPE, 0, CPU, lambda line: None)


def apart(workshop: Workshop, network: FrustrationNetwork, turns: tuple[Example, ...]) -> float:
    """How far the least angry of the angry turns scores above the angriest of the calm ones."""
    column = workshop.logits(network, turns)[:, 0]
    angry = np.array([turn.frustration == 1.0 for turn in turns])
    return float(column[angry].min() - column[~angry].max())


class Tuned:
    """Stands for tuning: keeps the recipes, and adds 1 to every weight that is learnt."""

    def __init__(self) -> None:
        self.recipes: list[Recipe] = []
        self.taught: list[bool] = []

    def __call__(
        self, network: FrustrationNetwork, own: Any, other: Any, recipe: Recipe, *_: object
    ) -> FrustrationNetwork:
        self.recipes.append(recipe)
        self.taught.append(bool(own[0].usual.taught))
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(1.0)
        return network


def test_what_goes_on_learns_the_turns_that_were_held_out_and_forgets_none(workshop: Workshop) -> None:
    network = workshop.tuned(KNOWN, OTHER)
    before = apart(workshop, network, FRESH)

    network = workshop.further(network, KNOWN, FRESH, OTHER)

    assert apart(workshop, network, FRESH) > before + 0.5
    assert apart(workshop, network, KNOWN) > 0.0


def test_what_ships_is_the_mean_of_the_weights_before_and_after_going_on(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = Tuned()
    monkeypatch.setattr(training, "tune", tuned)
    network = beginner()
    before = {name: value.clone() for name, value in network.named_parameters()}

    after = workshop.further(network, KNOWN, FRESH, OTHER)

    assert all(torch.allclose(value, before[name] + 0.5, atol=1e-5) for name, value in after.named_parameters())
    (recipe,) = tuned.recipes
    assert (recipe.epochs, recipe.rate, recipe.head_rate) == (2, RECIPE.further_rate, RECIPE.further_head_rate)


def test_a_network_with_teachers_learns_longer_than_they_did_and_one_alone_as_long(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = Tuned()
    monkeypatch.setattr(training, "tune", tuned)

    workshop.tuned(KNOWN, OTHER)
    replace(workshop, teachers=2).tuned(KNOWN, OTHER)

    passes = [recipe.epochs for recipe in tuned.recipes]
    assert passes == [RECIPE.epochs, RECIPE.epochs, RECIPE.epochs, RECIPE.pupils_epochs]
    assert tuned.taught == [False, False, False, True]


@pytest.mark.parametrize("twice", [None, True])
def test_without_a_gpu_the_measured_network_ships_unless_it_is_to_go_on(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, twice: bool | None
) -> None:
    turns = tuple(Example(turn.text, OWN, frustration=turn.frustration, **_all_told(turn)) for turn in (*KNOWN, *FRESH))
    material = Material(own=turns, held_out=turns[::2], judged=(), other=OTHER)
    sizes: list[int] = []

    def counted(network: FrustrationNetwork, own: Any, *rest: Any) -> FrustrationNetwork:
        sizes.append(len(own))
        return tune(network, own, *rest)

    monkeypatch.setattr(training, "tune", counted)
    monkeypatch.setattr(training, "read_material", lambda sources: material)
    monkeypatch.setattr(training, "read_source", lambda wheel: workshop.source)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    done = train(Sources(), tmp_path, replace(RECIPE, epochs=1), lambda line: None, twice=twice, wheel=tmp_path)

    about = json.loads((tmp_path / CARD_FILE).read_text(encoding="utf-8"))["about"]
    assert sizes == [len(turns), len(turns) + len(material.held_out)][: 2 if twice else 1]
    assert about["learnt_from_held_out"] is bool(twice)
    assert (about["teachers"], about["trained_on"]) == (0, "cpu")
    assert (done.own, done.other) == (len(turns) + len(material.held_out), len(OTHER))
    assert FrustrationModel.load(tmp_path).scored_by == "model"


def _all_told(turn: Example) -> Mapping[str, Any]:
    """Targets for every other task, both kinds of each: a calibration needs them."""
    score = turn.frustration
    return {"abuse": score, "urgency": score, "take_over": score, "needs": (score,) * (len(TASKS) - 4)}

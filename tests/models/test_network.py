"""The network that is trained, the graph that serves it and the card beside it say the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from tokenizers import Tokenizer

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("sklearn")

from models.encoder.encode import DEFAULT_DIRECTORY, TOKENIZER_FILE  # noqa: E402
from models.encoder.graph import build_piece_graph  # noqa: E402
from models.frustration.examples import CONVABUSE, GOEMOTIONS, NEEDS, OWN, Example  # noqa: E402
from models.frustration.export import MOST_PIECES, export  # noqa: E402
from models.frustration.features import SURFACE_NAMES  # noqa: E402
from models.frustration.figures import calibrate, calibrations, figures_of, target_of  # noqa: E402
from models.frustration.network import SOURCES, Batch, FrustrationNetwork  # noqa: E402
from models.frustration.reading import LEARNT_MESSAGES, LEARNT_PIECES, Said, TurnReader  # noqa: E402
from models.frustration.score import CARD_FILE, MODEL_FILE, TASKS, FrustrationModel  # noqa: E402
from models.frustration.teaching import teachers_readings  # noqa: E402
from models.frustration.tuning import ExampleReader, Recipe, logits_of, tune  # noqa: E402

CONFIG: Mapping[str, Any] = {
    "vocab_size": 30522,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "hidden_act": "gelu",
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}
CPU = torch.device("cpu")
ANGRY = ["this is ridiculous", "I am furious with you", "useless, all of you", "worst shop ever", "you liars"]
CALM = ["thank you very much", "where is my parcel", "that is lovely", "can I change the date", "all is well now"]
prepared = pytest.mark.skipif(
    not (DEFAULT_DIRECTORY / TOKENIZER_FILE).exists(), reason="the encoder is not prepared (make setup)"
)


@pytest.fixture
def network() -> FrustrationNetwork:
    torch.manual_seed(3)
    made = FrustrationNetwork(CONFIG)
    torch.nn.init.normal_(made.source.weight)
    return made.eval()


def tensors_of(network: FrustrationNetwork) -> dict[str, Any]:
    return {name: value.detach().numpy() for name, value in network.state_dict().items()}


def heads_of(tensors: Mapping[str, Any]) -> Any:
    heads = np.concatenate([tensors["piece.weight"][: len(TASKS)], tensors["whole.weight"][: len(TASKS)]])
    return np.ascontiguousarray(heads.T)


def reader_of(recipe: Recipe) -> ExampleReader:
    tokenizer = Tokenizer.from_file(str(DEFAULT_DIRECTORY / TOKENIZER_FILE))
    return ExampleReader(TurnReader(tokenizer, LEARNT_MESSAGES, LEARNT_PIECES), recipe)


def test_the_graph_computes_what_the_network_does(network: FrustrationNetwork) -> None:
    tensors = tensors_of(network)
    encoder = {name.removeprefix("encoder."): tensors[name] for name in tensors if name.startswith("encoder.")}
    graph = build_piece_graph(encoder, CONFIG, MOST_PIECES, heads_of(tensors)).SerializeToString()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    chance = np.random.default_rng(5)
    lengths = (3, 17, MOST_PIECES)
    ids = chance.integers(1000, 30000, (len(lengths), MOST_PIECES))
    mask, turn = np.zeros_like(ids), np.zeros_like(ids)
    for row, length in enumerate(lengths):
        mask[row, :length] = 1
        turn[row, 1 : max(2, length // 2)] = 1
    surface = chance.random((len(lengths), len(SURFACE_NAMES)), dtype=np.float32)
    read = [torch.from_numpy(values) for values in (ids, mask, turn, surface)]
    batch = Batch(read[0], read[1], read[2], read[3], torch.zeros(len(lengths), dtype=torch.int64))
    with torch.no_grad():
        expected = network(batch)[:, : len(TASKS)].numpy()

    (raw,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
    mean = (raw[:, :, : len(TASKS)] * turn[:, :, None]).sum(1) / turn.sum(1)[:, None]
    manner = surface @ tensors["surface.weight"][: len(TASKS)].T
    found = mean + raw[:, 0, len(TASKS) :] + manner + tensors["piece.bias"][: len(TASKS)]

    assert np.abs(found - expected).max() < 1e-3
    assert np.ptp(expected) > 0.1


def test_a_source_that_judges_otherwise_does_not_move_what_the_projects_own_turns_score(
    network: FrustrationNetwork,
) -> None:
    ids = torch.randint(1000, 2000, (len(SOURCES), 6))
    ids[:] = ids[0]
    same = torch.ones_like(ids)
    batch = Batch(ids, same, same, torch.zeros(len(SOURCES), len(SURFACE_NAMES)), torch.arange(len(SOURCES)))
    with torch.no_grad():
        network.source.weight[0] += 5.0
        scores, offsets = network(batch), network.offsets(batch)

    assert torch.allclose(scores, scores[0], atol=1e-5)
    assert not offsets[0].any()
    assert offsets[1:, : len(TASKS)].any(dim=1).all()
    assert not offsets[:, len(TASKS) :].any()


def test_weights_that_lack_a_layer_are_refused() -> None:
    with pytest.raises(ValueError, match="the encoder's weights lack"):
        FrustrationNetwork(CONFIG, {})


@prepared
def test_a_model_that_was_written_scores_as_the_network_does(network: FrustrationNetwork, tmp_path: Path) -> None:
    calibration = dict.fromkeys(TASKS, (1.0, 0.0))
    export(tensors_of(network), CONFIG, calibration, tmp_path, {"made": "for a test"})
    served = FrustrationModel.load(tmp_path)
    example = Example("My parcel has NOT come!", OWN)
    (expected,) = logits_of(network, [reader_of(Recipe()).read(example)], CPU)

    felt = served.score(example.text)
    found = [felt.score, felt.abuse, felt.urgency, felt.take_over, *felt.needs.values()]

    assert served.scored_by == "model"
    assert found == pytest.approx(1 / (1 + np.exp(-expected)), abs=0.05)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([MODEL_FILE, CARD_FILE])
    assert json.loads((tmp_path / CARD_FILE).read_text(encoding="utf-8"))["about"] == {"made": "for a test"}


@prepared
def test_tuning_learns_to_tell_anger_from_calm_and_each_source_from_its_own_marks() -> None:
    torch.manual_seed(3)
    recipe = Recipe(epochs=3, own_repeats=12, batch=8, rate=2e-3, head_rate=2e-2)
    needs = (0.0,) * len(NEEDS)
    own = [Example(text, OWN, (Said("bot", "Hello!"),), 1.0, 0.5, 0.2, 1.0, needs) for text in ANGRY]
    own += [Example(text, OWN, (), 0.0, 0.0, 0.2, 0.0, needs) for text in CALM]
    other = [Example("grr", GOEMOTIONS, frustration=1.0), Example("you bot", CONVABUSE, abuse=1.0)]
    lines: list[str] = []
    reader = reader_of(recipe)
    read_own, read_other = (teachers_readings(examples, reader) for examples in (own, other))

    tuned = tune(FrustrationNetwork(CONFIG), read_own, read_other, recipe, CPU, lines.append)
    column = logits_of(tuned, [reader.read(example) for example in own], CPU)[:, 0]

    assert column[: len(ANGRY)].min() > column[len(ANGRY) :].max()
    assert lines


@prepared
def test_what_an_example_does_not_tell_weighs_nothing() -> None:
    read = reader_of(Recipe()).read(Example("hm", OWN, frustration=1.0))

    assert read.weights[0] == 1.0
    assert not any(read.weights[1:])


def test_the_calibration_finds_the_sigmoid_that_made_the_shares() -> None:
    logits = np.linspace(-4, 4, 60)
    shares = 1 / (1 + np.exp(-(0.7 * logits - 0.4)))

    assert calibrate(logits, shares) == pytest.approx((0.7, -0.4), abs=1e-4)


def test_a_calibrated_score_is_the_share_of_such_turns_that_are_so() -> None:
    chance = Random(4)
    logits = np.array([chance.uniform(-6, 6) for _ in range(4000)])
    truth = np.array([float(chance.random() < 1 / (1 + np.exp(-(0.5 * x + 0.3)))) for x in logits])
    slope, offset = calibrate(logits, truth)
    scores = 1 / (1 + np.exp(-(slope * logits + offset)))

    for low in (0.1, 0.4, 0.7):
        some = (scores >= low) & (scores < low + 0.2)
        assert truth[some].mean() == pytest.approx(scores[some].mean(), abs=0.05)


def test_figures_tell_how_well_each_task_is_told_apart() -> None:
    nothing, wish = (0.0,) * len(NEEDS), tuple(float(name == "person") for name in NEEDS)
    examples = [Example("a", OWN, (), 0.9, 0.0, 0.0, 1.0, wish), Example("b", OWN, (), 0.0, 1.0, 0.5, 0.0, nothing)]
    logits = np.array([[2.0, -2.0, -2.0, 2.0, *[2.0] * len(NEEDS)], [-2.0, 2.0, 2.0, -2.0, *[-2.0] * len(NEEDS)]])
    figures = figures_of(examples, logits, dict.fromkeys(TASKS, (1.0, 0.0)))

    assert figures["frustration: AUC"] == figures["abuse: AUC"] == figures["person: AUC"] == 1.0
    assert figures["frustration: calm turns at 0.5 or above"] == 0.0
    assert figures["frustration: hot turns at 0.5 or above"] == 1.0
    assert "legal: AUC" not in figures
    assert set(calibrations(examples * 20, np.tile(logits, (20, 1)))) == set(TASKS)


def test_a_turn_that_was_not_asked_about_needs_says_nothing_of_them() -> None:
    assert target_of(Example("a", OWN, frustration=0.3), "person") is None
    assert target_of(Example("a", OWN, frustration=0.3), "frustration") == 0.3


def test_the_graph_names_no_operator_but_those_of_onnx_and_onnxruntime(network: FrustrationNetwork) -> None:
    tensors = tensors_of(network)
    encoder = {name.removeprefix("encoder."): tensors[name] for name in tensors if name.startswith("encoder.")}
    graph = build_piece_graph(encoder, CONFIG, MOST_PIECES, heads_of(tensors))

    onnx.checker.check_model(graph)
    assert {opset.domain for opset in graph.opset_import} == {"", "com.microsoft"}

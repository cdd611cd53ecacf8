"""The intent model on made-up vectors: what it learns, what it refuses, what it keeps on disk."""

import numpy as np
import pytest

from bot.intent_model import IntentModel, NotEnoughExamplesError
from bot.linear import softmax
from bot.scope import FOLDS

DIMENSIONS = 32


def clusters(classes, examples, spread=0.3, seed=1):
    """Unit vectors around one random direction for each class."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(classes, DIMENSIONS))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    rows = np.repeat(centres, examples, axis=0)
    rows = rows + spread * random.normal(size=rows.shape) / np.sqrt(DIMENSIONS)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), [f"intent_{number:02d}" for number in range(classes) for _ in range(examples)]


@pytest.fixture(scope="module")
def trained():
    vectors, labels = clusters(12, 8)
    return IntentModel.train(vectors, labels), vectors, labels


def test_the_model_finds_the_intent_of_its_examples(trained):
    model, vectors, labels = trained
    assert [prediction.labels[0][0] for prediction in model.predict(vectors)] == labels


def test_probabilities_sum_to_one_and_fall(trained):
    model, vectors, _ = trained
    for prediction in model.predict(vectors[:5]):
        probabilities = [probability for _, probability in prediction.labels]
        assert sum(probabilities) == pytest.approx(1.0, abs=1e-5)
        assert probabilities == sorted(probabilities, reverse=True)


def test_vectors_from_nowhere_are_refused_and_known_ones_are_not(trained):
    model, vectors, _ = trained
    strange, _ = clusters(40, 1, seed=99)
    refused = [not prediction.in_scope for prediction in model.predict(strange)]
    assert np.mean(refused) > 0.9
    kept = [prediction.in_scope for prediction in model.predict(vectors)]
    assert np.mean(kept) > 0.9


def test_a_larger_refused_share_refuses_more():
    vectors, labels = clusters(12, 8, spread=1.0)
    mild = IntentModel.train(vectors, labels, refused_share=0.01)
    strict = IntentModel.train(vectors, labels, refused_share=0.2)
    assert strict.scope.threshold > mild.scope.threshold


def test_the_nearest_example_is_named(trained):
    model, vectors, _ = trained
    assert [prediction.nearest for prediction in model.predict(vectors[:4])] == [0, 1, 2, 3]


def test_a_stored_model_predicts_the_same(trained, tmp_path):
    model, vectors, _ = trained
    model.save(tmp_path)
    again = IntentModel.load(tmp_path)
    for before, after in zip(model.predict(vectors), again.predict(vectors), strict=True):
        assert after.labels[0][0] == before.labels[0][0]
        assert after.labels[0][1] == pytest.approx(before.labels[0][1], abs=1e-6)
        assert after.scope_score == pytest.approx(before.scope_score, abs=1e-2)


def test_training_twice_gives_the_same_model():
    vectors, labels = clusters(12, 8)
    first, second = IntentModel.train(vectors, labels), IntentModel.train(vectors, labels)
    assert np.array_equal(first.head.weights, second.head.weights)
    assert first.scope == second.scope


@pytest.mark.parametrize("examples", [1, 2, FOLDS - 1])
def test_intents_with_few_examples_still_make_a_model(examples):
    vectors, labels = clusters(10, examples)
    model = IntentModel.train(vectors, labels)
    assert model.predict(vectors)[0].labels[0][0] == labels[0]


def test_two_intents_are_enough_and_one_is_not():
    vectors, labels = clusters(2, 5)
    assert IntentModel.train(vectors, labels).classes == ("intent_00", "intent_01")
    with pytest.raises(NotEnoughExamplesError, match="at least two"):
        IntentModel.train(vectors[:5], labels[:5])


def test_a_higher_temperature_is_less_sure():
    logits = np.array([[2.0, 1.0, 0.0]])
    assert softmax(logits, 2.0).max() < softmax(logits, 1.0).max() < softmax(logits, 0.5).max()


def test_ranking_alone_gives_the_labels_of_the_whole_prediction(trained):
    model, vectors, _ = trained
    assert model.rank(vectors[:5]) == [prediction.labels for prediction in model.predict(vectors[:5])]

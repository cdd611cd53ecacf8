"""The intent model on made-up vectors: what it learns, what it refuses, what it keeps on disk."""

import numpy as np
import pytest

from bot import intent_model
from bot.intent_model import IntentModel, NotEnoughExamplesError
from bot.kernel import LeaveOut, factorise, head_weights, kernel, kernel_system, leave_out, softmax

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
        assert after.scope_score == pytest.approx(before.scope_score, abs=1e-6)


def test_training_twice_gives_the_same_model():
    vectors, labels = clusters(12, 8)
    first, second = IntentModel.train(vectors, labels), IntentModel.train(vectors, labels)
    assert np.array_equal(first.weights, second.weights)
    assert first.scope == second.scope


@pytest.mark.parametrize("examples", [1, 2, 3])
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
    scores = np.array([[2.0, 1.0, 0.0]])
    assert softmax(scores, 2.0).max() < softmax(scores, 1.0).max() < softmax(scores, 0.5).max()


def test_ranking_alone_gives_the_labels_of_the_whole_prediction(trained):
    model, vectors, _ = trained
    assert model.rank(vectors[:5]) == [prediction.labels for prediction in model.predict(vectors[:5])]


def solve(vectors: np.ndarray, targets: np.ndarray, labels: int) -> LeaveOut:
    return leave_out(factorise(kernel_system(vectors), 0.1), targets, labels)


def test_leaving_an_example_or_a_label_out_says_what_training_without_it_would_say():
    vectors, labels = clusters(6, 7, spread=0.8)
    targets = np.array([int(label[-2:]) for label in labels])
    solved = solve(vectors, targets, 6)

    def train_without(rows):
        kept = np.setdiff1d(np.arange(len(vectors)), rows)
        head = solve(vectors[kept], targets[kept], 6)
        return kernel(vectors[rows] @ vectors[kept].T) @ head.weights

    assert np.allclose(solved.without_itself()[5], train_without(np.array([5]))[0], atol=1e-4)
    label = np.flatnonzero(targets == 2)
    assert np.allclose(solved.without(label), train_without(label), atol=1e-4)


def test_a_head_on_many_examples_solves_its_system():
    vectors, labels = clusters(40, 40, spread=1.5)
    targets = np.array([int(label[-2:]) for label in labels])
    solved = solve(vectors, targets, 40)
    system = kernel(vectors @ vectors.T) + 0.1 * np.eye(len(vectors))
    assert np.allclose(system @ solved.weights, np.eye(40)[targets], atol=1e-3)


def test_the_name_of_a_label_helps_where_it_has_one_example():
    vectors, labels = clusters(12, 8, spread=1.2)
    few = [8 * number for number in range(12)]
    centres = np.array([vectors[row : row + 8].mean(axis=0) for row in few])
    names = {labels[row]: centre / np.linalg.norm(centre) for row, centre in zip(few, centres, strict=True)}

    def right(model):
        return np.mean(
            [found.labels[0][0] == label for found, label in zip(model.predict(vectors), labels, strict=True)]
        )

    train = [labels[row] for row in few]
    assert right(IntentModel.train(vectors[few], train, names=names)) > right(IntentModel.train(vectors[few], train))


def test_a_message_like_the_examples_of_what_is_out_of_scope_is_refused():
    vectors, labels = clusters(12, 10)
    labels = ["oos" if label == "intent_03" else label for label in labels]
    model = IntentModel.train(vectors[::2], labels[::2])
    for prediction, label in zip(model.predict(vectors[1::2]), labels[1::2], strict=True):
        assert prediction.in_scope is (label != "oos")
        assert prediction.is_unknown_label is (label == "oos")


def test_a_label_is_out_of_scope_only_if_it_is_said_to_be():
    vectors, labels = clusters(12, 10)
    labels = ["oos" if label == "intent_03" else label for label in labels]
    model = IntentModel.train(vectors, labels, unknown_labels=())
    assert all(prediction.in_scope for prediction in model.predict(vectors[30:34]))


def test_the_nearest_example_is_a_training_row_even_when_a_part_was_used(monkeypatch):
    import bot.intent_model

    monkeypatch.setattr(bot.intent_model, "MOST_EXAMPLES", 60)
    vectors, labels = clusters(12, 10)
    model = IntentModel.train(vectors, labels)
    assert len(model.examples.codes) == 60
    assert sorted(np.bincount(model.example_classes)) == [5] * 12
    for prediction in model.predict(vectors):
        assert prediction.similarity == pytest.approx(
            float(vectors[prediction.nearest] @ vectors[prediction.nearest]), abs=0.5
        )
        assert labels[prediction.nearest] == prediction.labels[0][0]


def test_a_model_of_another_version_is_refused_with_the_remedy(trained, tmp_path):
    trained[0].save(tmp_path)
    card = tmp_path / "intent_model.json"
    card.write_text(card.read_text(encoding="utf-8").replace('"format": 4', '"format": 1'), encoding="utf-8")
    with pytest.raises(ValueError, match="train again"):
        IntentModel.load(tmp_path)


def test_labels_that_all_mean_out_of_scope_make_no_model():
    vectors, labels = clusters(2, 5)
    with pytest.raises(NotEnoughExamplesError, match="one of them in scope"):
        IntentModel.train(vectors, labels, unknown_labels=set(labels))


def test_one_label_in_scope_is_told_from_examples_of_what_is_not():
    vectors, labels = clusters(2, 8)
    model = IntentModel.train(vectors, labels, unknown_labels={"intent_01"})
    accepted = [prediction.in_scope for prediction in model.predict(vectors)]
    assert sum(accepted[:8]) >= 7
    assert not any(accepted[8:])


def test_of_a_wide_vector_the_axes_that_matter_are_kept(monkeypatch):
    import bot.intent_model

    vectors, labels = clusters(12, 8)
    whole = IntentModel.train(vectors, labels)
    monkeypatch.setattr(bot.intent_model, "MOST_AXES", 12)
    fewer = IntentModel.train(vectors, labels)
    assert fewer.examples.codes.shape[1] == 12
    assert [found.labels[0][0] for found in fewer.predict(vectors)] == labels
    assert whole.examples.codes.shape[1] > 12


def test_weights_that_are_found_quickly_are_those_of_the_whole_solution():
    random = np.random.default_rng(3)
    vectors = random.normal(size=(1300, 24)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    targets = random.integers(0, 7, len(vectors))

    factor = factorise(kernel_system(vectors), 0.1)
    quick = head_weights(factor, targets, 7)

    system = kernel(vectors @ vectors.T).astype(np.float64) + 0.1 * np.eye(len(vectors))
    assert np.allclose(quick, np.linalg.solve(system, np.eye(7)[targets]), atol=1e-3)
    assert np.allclose(quick, leave_out(factor, targets, 7).weights, atol=1e-3)


def test_the_factor_of_the_first_examples_is_the_corner_of_the_factor_of_all():
    vectors, labels = clusters(20, 40, spread=1.5)
    targets = np.array([int(label[-2:]) for label in labels])
    factor = factorise(kernel_system(vectors), 0.1)

    few = leave_out(factor[:333, :333], targets[:333], 20)

    assert np.allclose(few.weights, solve(vectors[:333], targets[:333], 20).weights, atol=1e-4)


def test_with_many_examples_all_of_them_answer_and_a_part_judges_the_scope(monkeypatch):
    monkeypatch.setattr(intent_model, "MOST_TRIED", 30)
    vectors, labels = clusters(12, 5)
    model = IntentModel.train(vectors, labels)

    assert model.tried == 30
    assert len(model.examples.codes) == 60
    assert not model.calm_weights[30:].any()
    assert [found.labels[0][0] for found in model.predict(vectors)] == labels
    assert sorted(model.example_rows.tolist()) == list(range(60))


def test_labels_far_from_a_message_are_not_looked_at_and_change_nothing(monkeypatch):
    vectors, labels = clusters(40, 4)
    model = IntentModel.train(vectors, labels)
    everything = model.predict(vectors)
    monkeypatch.setattr(intent_model, "LABELS_LOOKED_AT", 8)

    for near, all_of_them in zip(model.predict(vectors), everything, strict=True):
        assert near.labels[0][0] == all_of_them.labels[0][0]
        assert abs(near.labels[0][1] - all_of_them.labels[0][1]) < 0.05
        assert near.in_scope == all_of_them.in_scope

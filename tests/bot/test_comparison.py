"""Messages compared with rounded examples: exact for what was rounded, close to what it was before."""

import numpy as np
import pytest

from bot.comparison import EXAMPLE_LEVELS, RoundedRows, spread


def unit_rows(rows, axes, seed=0):
    """Random rows that have much in common, as sentences have."""
    random = np.random.default_rng(seed)
    found = random.normal(size=(rows, axes)) + 2.0 * np.eye(axes)[0] * np.sqrt(axes)
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(("rows", "axes"), [(1, 1), (3, 2), (200, 129), (300, 256)])
def test_similarities_are_those_of_the_vectors_before_rounding_to_a_hundredth(rows, axes):
    turned = spread(np.eye(axes, dtype=np.float32))
    vectors, messages = unit_rows(rows, axes) @ turned, unit_rows(5, axes, seed=1) @ turned
    assert np.abs(RoundedRows.of(vectors).similarities(messages) - messages @ vectors.T).max() < 0.01


def test_a_message_in_whole_numbers_is_compared_without_any_error():
    rows = RoundedRows.of(np.random.default_rng(0).integers(-127, 128, size=(400, 64)).astype(np.float32))
    message = np.random.default_rng(1).integers(-63, 64, size=(1, 64)).astype(np.float32)
    message[0, 0] = 63
    assert np.array_equal(rows.similarities(message), message @ rows.vectors.T)


def test_the_largest_products_that_can_be_do_not_overflow():
    rows = RoundedRows.of(np.ones((4, 256), dtype=np.float32) * np.array([[1], [-1], [1], [-1]], dtype=np.float32))
    assert np.abs(rows.codes).min() == EXAMPLE_LEVELS
    found = rows.similarities(np.array([np.ones(256), -np.ones(256)], dtype=np.float32))
    assert found == pytest.approx(np.array([[256, -256, 256, -256], [-256, 256, -256, 256]]), rel=1e-5)


def test_turned_axes_keep_every_angle_and_hold_alike_what_vectors_have_in_common():
    axes = np.eye(64, dtype=np.float32)[:, :40]
    vectors = unit_rows(50, 64)
    before, after = vectors @ axes, vectors @ spread(axes)
    assert after @ after.T == pytest.approx(before @ before.T, abs=1e-5)
    assert np.abs(after).max() < 0.6 < np.abs(before).max()
    assert np.array_equal(spread(axes), spread(axes))


def test_a_row_of_nothing_and_no_messages_are_no_error():
    rows = RoundedRows.of(np.zeros((2, 3), dtype=np.float32))
    assert not rows.similarities(np.zeros((1, 3), dtype=np.float32)).any()
    assert rows.similarities(np.empty((0, 3), dtype=np.float32)).shape == (0, 2)

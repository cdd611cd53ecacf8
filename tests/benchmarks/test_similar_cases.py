"""What the benchmark of similar cases counts as right."""

from __future__ import annotations

import numpy as np

from benchmarks.similar_cases import precision, texts_of
from handoff.contract import Category


def test_a_case_shown_for_its_own_topic_is_right_and_one_of_another_is_not() -> None:
    kettle, lamp = np.array([1.0, 0.0], dtype=np.float32), np.array([0.0, 1.0], dtype=np.float32)
    made = [(topic, Category.TECHNICAL, topic) for topic in ("kettle", "kettle", "lamp", "lamp", "lamp", "kettle")]

    apart = precision(made, np.stack([kettle, kettle, lamp, lamp, lamp, kettle]))
    mixed = precision(made, np.stack([kettle] * 6))

    assert apart["same topic among those shown"] == 1.0
    assert mixed["same topic among those shown"] == 0.4, "two of the five others are of its topic"
    assert apart["cases with something to show"] == 1.0


def test_the_cases_are_made_of_the_shipped_content() -> None:
    made = texts_of(2, seed=1)

    assert len({topic for topic, _, _ in made}) > 100
    assert all(not any(letter.isdigit() for letter in text) for _, _, text in made)
    assert {category for _, category, _ in made} <= set(Category)

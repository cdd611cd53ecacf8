"""One network learns what several teachers say, from the short context that it will see at run time."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from tokenizers import Tokenizer

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from models.encoder.encode import DEFAULT_DIRECTORY, TOKENIZER_FILE  # noqa: E402
from models.frustration.examples import NEEDS, OWN, PLAIN, Example  # noqa: E402
from models.frustration.network import FrustrationNetwork  # noqa: E402
from models.frustration.reading import LEARNT_MESSAGES, LEARNT_PIECES, Said, TurnReader  # noqa: E402
from models.frustration.score import MOODS, TASKS  # noqa: E402
from models.frustration.teaching import (  # noqa: E402
    given_first,
    lessons_of,
    mistyped,
    served_readings,
    teachers_readings,
)
from models.frustration.tuning import ExampleReader, Recipe, logits_of, tune  # noqa: E402
from tests.models.test_network import ANGRY, CALM, CONFIG, CPU  # noqa: E402

pytestmark = pytest.mark.skipif(
    not (DEFAULT_DIRECTORY / TOKENIZER_FILE).exists(), reason="the encoder is not prepared (make setup)"
)
LONG_AGO = Said("bot", "We are open from nine to five on every day of the week, on Saturdays from ten to one.")
BEFORE = (LONG_AGO, Said("customer", "And my chair?"), Said("bot", "It is on its way."))


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(DEFAULT_DIRECTORY / TOKENIZER_FILE))


@pytest.fixture(scope="module")
def served(tokenizer: Tokenizer) -> ExampleReader:
    return ExampleReader(TurnReader(tokenizer), Recipe())


@pytest.fixture(scope="module")
def whole(tokenizer: Tokenizer) -> ExampleReader:
    return ExampleReader(TurnReader(tokenizer, LEARNT_MESSAGES, LEARNT_PIECES), Recipe())


def test_a_pupil_learns_of_turns_that_no_source_judged_what_its_teachers_say(
    served: ExampleReader, whole: ExampleReader
) -> None:
    # The sources say nothing at all here: whatever the pupil knows, it has from the lessons.
    turns = [Example(text, PLAIN) for text in (*ANGRY, *CALM)]
    lessons = np.full((len(turns), len(TASKS)), 0.5)
    lessons[: len(ANGRY), 0], lessons[len(ANGRY) :, 0] = 0.95, 0.05
    recipe = Recipe(epochs=3, own_repeats=12, batch=8, rate=2e-3, head_rate=2e-2)
    torch.manual_seed(3)

    read = served_readings(turns, served, whole, lessons, Random(1))
    pupil = tune(FrustrationNetwork(CONFIG), read, [], recipe, CPU, lambda line: None)
    column = logits_of(pupil, [served.read(turn) for turn in turns], CPU)[:, 0]

    assert column[: len(ANGRY)].min() > column[len(ANGRY) :].max()


def test_lessons_are_the_mean_of_the_teachers_alone_and_in_context(whole: ExampleReader) -> None:
    torch.manual_seed(3)
    teachers = [FrustrationNetwork(CONFIG).eval() for _ in range(2)]
    turn = Example("Again?", OWN, BEFORE)

    (lesson,) = lessons_of(teachers, [turn], whole, CPU)

    alone = Example("Again?", OWN)
    logits = [logits_of(teacher, [whole.read(one)], CPU)[0] for teacher in teachers for one in (turn, alone)]
    assert lesson == pytest.approx(1 / (1 + np.exp(-np.mean(logits, axis=0))))
    assert len({round(float(row[0]), 4) for row in logits}) == len(logits)


def test_the_pupil_reads_as_at_run_time_and_teachers_after_more(served: ExampleReader, whole: ExampleReader) -> None:
    turn = Example("Again?", OWN, BEFORE)

    (pupils,) = served_readings([turn], served, whole, None, Random(1))
    (teachers,) = teachers_readings([turn], whole)

    assert pupils.usual == served.read(turn)
    assert teachers.usual == whole.read(turn)
    assert len(pupils.usual.ids) < len(teachers.usual.ids)
    assert [len(read.ids) for read in teachers.others] == [len(whole.read(Example("Again?", OWN)).ids)]


def test_what_a_source_says_of_a_turn_takes_the_place_of_the_lesson(served: ExampleReader) -> None:
    lessons = np.full((2, len(TASKS)), 0.5)
    turns = [Example("Again?", OWN, frustration=0.75), Example("Thank you", OWN, needs=(1.0,) * len(NEEDS))]

    found = given_first(lessons, turns, served)

    assert found[0].tolist() == [0.75, *(0.5,) * (len(TASKS) - 1)]
    assert found[1].tolist() == [*(0.5,) * len(MOODS), *(1.0,) * len(NEEDS)]
    assert (lessons == 0.5).all()


def test_a_hurried_copy_is_still_the_same_turn() -> None:
    text = "Where's my parcel? I've been waiting for a fortnight, and order LH-10002 was PROMISED for Monday!"

    copies = {mistyped(text, Random(seed)) for seed in range(40)}

    assert len(copies) > 20
    for copy in copies:
        assert abs(len(copy) - len(text)) < 12
        assert "LH-10002" in copy
        assert copy.endswith("!")
    assert mistyped("", Random(1)) == ""

"""What was learnt of the same examples is kept: learnt ahead, learnt once, and learnt anew when anything changes."""

import threading

import pytest

import bot.learnt
from bot.encoding import shared_encoder
from bot.intent_classifier import labelled_texts
from bot.learning_ahead import examples, main
from bot.learnt import Lesson
from bot.masking import Mask, Masks
from bot.understanding import Understanding
from tests.bot.conftest import ROOT

TEXTS = (
    "hello",
    "good morning",
    "cancel my order",
    "I want to cancel an order",
    "where is my parcel",
    "track my parcel",
)
LABELS = ("greet", "greet", "cancel", "cancel", "track", "track")


def lesson(texts=TEXTS, labels=LABELS, masks=(), unknown=("nlu_fallback",), refused_share=0.01):
    return Lesson(texts, labels, Masks(masks), frozenset(unknown), refused_share)


def learn(cache, **changes):
    return lesson(**changes).learn(shared_encoder(), None, cache)


@pytest.fixture
def trainings(monkeypatch):
    """How many examples each training had."""
    done = []
    usual = Understanding.train

    def train(encoder, texts, labels, **settings):
        done.append(len(texts))
        return usual(encoder, texts, labels, **settings)

    monkeypatch.setattr(Understanding, "train", train)
    return done


def kept(cache):
    return [path for path in cache.glob("understanding-*") if path.is_dir()]


def test_the_same_examples_are_learnt_once_and_understood_the_same(tmp_path, trainings):
    first, second = learn(tmp_path), learn(tmp_path)

    assert trainings == [6]
    one, other = (found.predict("cancel my order please") for found in (first, second))
    assert [label for label, _ in one.labels] == [label for label, _ in other.labels]
    assert one.labels[0][1] == pytest.approx(other.labels[0][1], abs=1e-3)
    assert one.scope_threshold == other.scope_threshold


@pytest.mark.parametrize(
    "change",
    [
        {"texts": (*TEXTS[:5], "track my parcels")},
        {"labels": (*LABELS[:5], "cancel")},
        {"texts": TEXTS[::-1], "labels": LABELS[::-1]},
        {"masks": (Mask("parcel", "box"),)},
        {"unknown": ("track",)},
        {"refused_share": 0.02},
    ],
)
def test_whatever_the_result_depends_on_is_learnt_anew(change):
    assert lesson(**change).key(None) != lesson().key(None)


def test_two_that_learn_the_same_at_once_learn_it_once(tmp_path, trainings):
    threads = [threading.Thread(target=learn, args=(tmp_path,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert trainings == [6]


def test_the_latest_are_kept_and_what_is_damaged_is_learnt_again(tmp_path, trainings):
    for count in (6, 5, 4):
        learn(tmp_path, texts=TEXTS[:count], labels=LABELS[:count])
    assert len(kept(tmp_path)) == bot.learnt.KEPT
    assert len(list(tmp_path.glob("*.lock"))) == bot.learnt.KEPT

    for folder in kept(tmp_path):
        whole = (folder / "intent_model.npz").read_bytes()
        (folder / "intent_model.npz").write_bytes(whole[: len(whole) // 2])
    learn(tmp_path, texts=TEXTS[:4], labels=LABELS[:4])
    learn(tmp_path, texts=TEXTS[:4], labels=LABELS[:4])
    assert trainings == [6, 5, 4, 4]


def test_where_nothing_can_be_kept_it_learns_all_the_same(tmp_path, trainings):
    (tmp_path / "file").write_text("")
    assert learn(tmp_path / "file").predict("hello").labels[0][0] == "greet"


def test_the_examples_that_are_learnt_ahead_are_those_that_rasa_reads():
    from rasa.shared.importers.rasa import RasaFileImporter

    texts, labels = labelled_texts(RasaFileImporter(training_data_paths=[str(ROOT / "data")]).get_nlu_data())

    assert list(dict.fromkeys(examples(ROOT / "data"))) == list(zip(texts, labels, strict=True))
    assert len(texts) > 5000


@pytest.mark.parametrize(
    "content", ["nlu: [", "nlu:\n- intent: greet\n", "nlu:\n- intent: greet\n  examples: |\n    - hello\n"]
)
def test_what_cannot_be_learnt_ahead_is_left_to_rasa_to_tell(tmp_path, content):
    (tmp_path / "nlu.yml").write_text(content)

    assert main([str(tmp_path), str(ROOT / "config.yml")]) == 1
    assert main([str(tmp_path), str(tmp_path / "none.yml")]) == 1

"""A model goes live when it is good enough, and the last one comes back."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.warmline.content.models import write_model
from warmline import live, training
from warmline.content.corpus import read_corpus
from warmline.content.editing import add_examples
from warmline.content.release import WorseError, candidate_of_now, promote, rollback, train_candidate
from warmline.content.sources import Sources
from warmline.content.understanding import Understanding
from warmline.errors import CommandError
from warmline.settings import Settings


def silent(_: str) -> None:
    """Progress that nobody reads."""


def learnt(sources: Sources) -> dict[str, list[str]]:
    corpus = read_corpus(sources.data_dir)
    return {label: [example.text for example in found] for label, found in corpus.by_label.items()}


@pytest.fixture
def old(settings: Settings, sources: Sources) -> Path:
    """The live model: it has learnt the content as it is."""
    return write_model(settings.models_dir / "warmline-old.tar.gz", learnt(sources), age=1)


@pytest.fixture
def candidate(settings: Settings, sources: Sources, old: Path) -> Path:
    """A model of content that has changed since, just as good."""
    add_examples(sources.data_dir, "greet", ["good afternoon"]).write()
    return write_model(training.candidate_file(settings), learnt(sources), age=2)


@pytest.fixture
def poor(settings: Settings, sources: Sources, old: Path) -> Path:
    """A model of changed content that takes greetings for orders."""
    add_examples(sources.data_dir, "greet", ["good afternoon"]).write()
    wrong = learnt(sources)
    wrong["order_status"] += wrong.pop("greet")
    return write_model(training.candidate_file(settings), wrong, age=2)


class FakeRasa(http.server.BaseHTTPRequestHandler):
    """The two calls of Rasa's HTTP API about its model."""

    serving = "warmline-old.tar.gz"

    def do_GET(self) -> None:
        self._answer(200, {"model_file": type(self).serving})

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert Path(body["model_file"]).exists()
        type(self).serving = Path(body["model_file"]).name
        self._answer(200, {})

    def _answer(self, status: int, content: dict[str, str]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def rasa(settings: Settings) -> Iterator[type[FakeRasa]]:
    FakeRasa.serving = "warmline-old.tar.gz"
    with http.server.ThreadingHTTPServer(("127.0.0.1", settings.rasa_port), FakeRasa) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield FakeRasa
        server.shutdown()


def test_a_model_that_is_as_good_goes_live_in_the_running_bot_and_the_last_one_comes_back(
    settings: Settings, sources: Sources, candidate: Path, rasa: type[FakeRasa]
) -> None:
    done = promote(settings, sources, silent)

    assert (done.model, done.before, done.swapped) == (candidate.name, "warmline-old.tar.gz", True)
    assert rasa.serving == candidate.name
    assert not candidate.exists()
    assert training.live_model(settings) == settings.models_dir / candidate.name

    back = rollback(settings, silent)
    assert (back.model, rasa.serving) == ("warmline-old.tar.gz", "warmline-old.tar.gz")
    assert back.seconds < 5
    with pytest.raises(CommandError, match="no earlier model is known"):
        rollback(settings, silent)

    assert promote(settings, sources, silent).swapped is True
    assert rasa.serving == candidate.name


def test_without_a_running_bot_the_next_start_begins_with_what_was_promoted_or_taken_back(
    settings: Settings, sources: Sources, candidate: Path
) -> None:
    assert promote(settings, sources, silent).swapped is False
    assert training.live_model(settings) == settings.models_dir / candidate.name

    rollback(settings, silent)
    assert training.live_model(settings) == settings.models_dir / "warmline-old.tar.gz"


def test_a_model_that_got_worse_is_refused_with_the_questions_that_changed(
    settings: Settings, sources: Sources, poor: Path, rasa: type[FakeRasa]
) -> None:
    with pytest.raises(WorseError, match=r"more than 1\.0% worse") as refused:
        promote(settings, sources, silent)

    assert "good evening to you" in {item.text for item in refused.value.worse}
    assert rasa.serving == "warmline-old.tar.gz"
    assert poor.exists()
    assert promote(settings, sources, silent, force=True).model == poor.name


def test_the_margin_is_the_operators_to_set(settings: Settings, sources: Sources, poor: Path) -> None:
    lenient = settings.model_copy(update={"promote_margin": 0.5})

    assert promote(lenient, sources, silent).model == poor.name


def test_what_was_edited_after_training_is_not_promoted_by_mistake(
    settings: Settings, sources: Sources, candidate: Path
) -> None:
    add_examples(sources.data_dir, "greet", ["ahoy"]).write()

    with pytest.raises(CommandError, match="has changed since it was trained"):
        promote(settings, sources, silent)


def test_promoting_twice_changes_nothing(settings: Settings, sources: Sources, candidate: Path) -> None:
    first = promote(settings, sources, silent)
    again = promote(settings, sources, silent)

    assert (again.model, again.before, again.swapped) == (first.model, first.model, False)
    assert rollback(settings, silent).model == "warmline-old.tar.gz"


def test_a_changed_answer_needs_no_other_model(settings: Settings, sources: Sources, candidate: Path) -> None:
    file = sources.data_dir / "faq" / "billing.yml"
    file.write_text(file.read_text().replace("By e-mail.", "In your account."))

    assert candidate_of_now(settings) == candidate
    file.write_text(file.read_text().replace("utter_faq/billing_invoice", "utter_faq/billing_bill"))
    with pytest.raises(CommandError):
        candidate_of_now(settings)


def test_training_a_candidate_makes_nothing_live(
    settings: Settings, sources: Sources, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[Path] = []

    def run_training(_: Settings, model: Path, tell: Callable[[str], None]) -> None:
        trained.append(write_model(model, learnt(sources)))

    monkeypatch.setattr(training, "run_training", run_training)
    monkeypatch.setattr(training, "refuse_broken_content", lambda _: None)
    made = train_candidate(settings, silent)

    assert (made.trained, made.is_live, trained) == (True, False, [training.candidate_file(settings)])
    assert training.live_model(settings) == old
    assert train_candidate(settings, silent).trained is False
    assert training.train(settings, silent, swap=False).trained is False  # `warmline train` takes what is there
    assert training.live_model(settings) == training.model_file(settings)
    assert live.history(settings)[-1] == training.model_file(settings).name


def test_a_model_is_read_without_rasa(old: Path) -> None:
    understood = Understanding.of_model(old).understand(["where is my order", "how can I pay"])

    assert [item.label for item in understood] == ["order_status", "faq/billing_methods"]
    assert understood[0].confidence > 0.3


def test_a_file_that_is_no_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    damaged = tmp_path / "warmline-x.tar.gz"
    damaged.write_bytes(b"no archive")

    with pytest.raises(CommandError, match=r"warmline-x\.tar\.gz cannot be read here"):
        Understanding.of_model(damaged)

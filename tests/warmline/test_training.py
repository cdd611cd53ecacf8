"""The content editor's errors are named with file and line, and training happens only when content changed."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from warmline import training
from warmline.content.schema import check_file, explain_rasa, training_files
from warmline.errors import CommandError
from warmline.settings import Settings

NLU = 'version: "3.1"\nnlu:\n  - intent: greet\n    examples: |\n      - hello\n      - hi\n'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, so that a test may edit it."""
    for name in training.SOURCES:
        (tmp_path / name).write_text("recipe: default.v1\n")
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "policy.py").write_text("LIMIT = 1\n")
    monkeypatch.setattr(training, "PROJECT_ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def edited(settings: Settings, root: Path) -> Path:
    file = settings.data_dir / "nlu.yml"
    file.write_text(NLU)
    return file


def test_the_fingerprint_follows_content_and_not_dates(settings: Settings, edited: Path) -> None:
    before = training.fingerprint(settings)
    edited.touch()
    assert training.fingerprint(settings) == before

    edited.write_text(NLU + "      - hey\n")
    assert training.fingerprint(settings) != before

    edited.write_text(NLU)
    assert training.fingerprint(settings) == before


@pytest.mark.parametrize("name", ["config.yml", "domain.yml", "bot/policy.py"])
def test_the_fingerprint_follows_configuration_and_code(
    settings: Settings, edited: Path, root: Path, name: str
) -> None:
    before = training.fingerprint(settings)
    (root / name).write_text("changed: true\n")

    assert training.fingerprint(settings) != before


def test_the_fingerprint_follows_the_encoder(
    settings: Settings, edited: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "encoder.json"
    monkeypatch.setattr(training, "ENCODER_CARD", card)
    before = training.fingerprint(settings)
    card.write_text(json.dumps({"fingerprint": "abc"}))

    assert training.fingerprint(settings) != before


def test_the_fingerprint_follows_how_the_encoder_reads(
    settings: Settings, edited: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = training.fingerprint(settings)
    code = tmp_path / training.ENCODER_CODE.name
    code.write_text("def as_question(text): return text\n")
    monkeypatch.setattr(training, "ENCODER_CODE", code)

    assert training.fingerprint(settings) != before


def test_what_operations_edit_does_not_ask_for_training(settings: Settings, edited: Path) -> None:
    before = training.fingerprint(settings)
    (settings.data_dir / "wording.yml").write_text("notices:\n  taken: Ana has your case.\n")

    assert training_files(settings.data_dir) == (edited,)
    assert training.fingerprint(settings) == before


def test_a_model_of_the_same_data_is_not_trained_again(settings: Settings, edited: Path) -> None:
    settings.models_dir.mkdir()
    training.model_file(settings).write_bytes(b"model")

    result = training.train(settings, lambda _: None)

    assert (result.trained, result.swapped) == (False, False)


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("nlu:\n  - intent: greet\n   examples: x\n", 3, "not YAML"),
        ("nlu:\n\t- intent: greet\n", 2, "not YAML"),
        ("nlu: []\nrules: []\nnlu: []\n", 3, "the key 'nlu' stands here a second time"),
        ("nlu:\n- intent: greet\n  examples: |\n    - hello\n    hi there\n", 5, "begin with a dash: `- hi there`"),
        ("- just\n- a list\n", 1, "must begin with keys"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_line(tmp_path: Path, content: str, line: int, said: str) -> None:
    file = tmp_path / "billing.yml"
    file.write_text(content)

    (problem,) = check_file(file)

    assert (problem.line, said in problem.what) == (line, True), problem.what
    assert "\n" not in str(problem)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    file = tmp_path / "billing.yml"
    file.write_bytes(b"nlu: []\n# \xff\n")

    assert [str(problem) for problem in check_file(file)] == [f"{file}:2: not UTF-8: save the file with that encoding"]


def test_broken_yaml_stops_training_with_one_line(settings: Settings, edited: Path) -> None:
    edited.write_text("nlu:\n  - intent: [greet\n")

    with pytest.raises(CommandError) as refusal:
        training.train(settings, lambda _: None)

    assert refusal.value.what.startswith(f"{edited}:")
    assert "\n" not in refusal.value.what


def test_what_rasa_says_is_boiled_down_to_file_line_and_reason() -> None:
    said = (
        "2026-11-23 INFO started\n\x1b[91mYamlValidationException: Failed to validate 'data/rules.yml'. Here are "
        "the errors:\n  in data/rules.yml:3:\n      Key 'stepz' was not defined. Path: '/rules/0'\x1b[0m\n"
    )
    assert explain_rasa(said) == "data/rules.yml:3: Key 'stepz' was not defined. Path: '/rules/0'"

    contradiction = (
        "\x1b[91mInvalidRule: \nContradicting rules found\n\n- 'a' is contradicting 'b'.\nPlease update.\x1b[0m"
    )
    assert explain_rasa(contradiction).startswith("InvalidRule: Contradicting rules found - 'a' is contradicting")


class FakeRasa(http.server.BaseHTTPRequestHandler):
    """The two calls of Rasa's HTTP API that training makes."""

    serving = "warmline-old.tar.gz"
    refuses = False

    def do_GET(self) -> None:
        self._answer(200, {"model_file": f"models/{type(self).serving}"})

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if type(self).refuses or "token=" not in self.path:
            self._answer(400, {"message": "An unexpected error occurred."})
            return
        type(self).serving = Path(body["model_file"]).name
        self.send_response(204)
        self.end_headers()

    def _answer(self, status: int, content: dict[str, str]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def rasa(settings: Settings) -> Iterator[type[FakeRasa]]:
    FakeRasa.serving, FakeRasa.refuses = "warmline-old.tar.gz", False
    with http.server.ThreadingHTTPServer(("127.0.0.1", settings.rasa_port), FakeRasa) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield FakeRasa
        server.shutdown()


def test_a_running_bot_answers_with_the_new_model_at_once(
    settings: Settings, edited: Path, rasa: type[FakeRasa]
) -> None:
    settings.models_dir.mkdir()
    model = training.model_file(settings)
    model.write_bytes(b"model")

    assert training.train(settings, lambda _: None).swapped is True
    assert rasa.serving == model.name
    assert training.train(settings, lambda _: None).swapped is False


def test_a_running_bot_that_refuses_the_model_is_said(settings: Settings, edited: Path, rasa: type[FakeRasa]) -> None:
    settings.models_dir.mkdir()
    training.model_file(settings).write_bytes(b"model")
    rasa.refuses = True

    with pytest.raises(CommandError, match=r"did not take it: .*unexpected error"):
        training.train(settings, lambda _: None)

"""The quick training writes what `rasa train` writes, and says what is wrong as Rasa says it."""

import asyncio
import json
import os
import subprocess
import sys
import tarfile

import pytest

from bot.stand_in import needs_tensorflow
from bot.training import Reading, _hash_of_message
from tests.bot.conftest import ROOT


def run_training(project, **changes):
    """As `warmline train` runs it."""
    given = {"data": "data", "domain": "domain.yml", "config": "config.yml", "out": "out", "name": "quick", **changes}
    arguments = [part for name, value in given.items() for part in (f"--{name}", value)]
    return subprocess.run(
        [sys.executable, "-m", "bot.training", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false"},
        capture_output=True,
        text=True,
    )


def contents(model):
    """The names in a model, and the components of its graphs."""
    with tarfile.open(model) as archive:
        metadata = json.load(archive.extractfile("metadata.json"))
        names = sorted(member.name for member in archive.getmembers())
    graphs = (metadata["train_schema"], metadata["predict_schema"])
    return names, [{name: node["uses"] for name, node in graph["nodes"].items()} for graph in graphs]


def test_the_model_is_an_ordinary_one_that_understands_the_same(project, model_path):
    from rasa.core.agent import Agent

    done = run_training(project)
    assert done.returncode == 0, done.stdout + done.stderr
    quick = project / "out" / "quick.tar.gz"

    assert contents(quick) == contents(model_path)
    learnt = [path for path in (project / "var" / "cache").glob("understanding-*") if path.is_dir()]
    assert len(learnt) == 1, "what was learnt ahead is not what was asked for"
    assert any(name.endswith("EncoderIntentClassifier0/intent_model.npz") for name in contents(quick)[0])
    usual, trained = Agent.load(model_path), Agent.load(str(quick))
    for text in ("cancel my order", "hello", "what are your opening hours", "LH-10005"):
        one, other = (asyncio.run(agent.parse_message(text)) for agent in (usual, trained))
        assert one["intent"]["name"] == other["intent"]["name"]
        assert one["intent"]["confidence"] == pytest.approx(other["intent"]["confidence"], abs=1e-3)
        assert list(one["response_selector"]) == list(other["response_selector"])
        for found in (parsed["response_selector"].get("faq") for parsed in (one, other)):
            assert (
                found is None
                or found["response"]["utter_action"] == "utter_" + found["ranking"][0]["intent_response_key"]
            )
    assert "Starting to train component 'EncoderIntentClassifier'" in done.stdout


def test_a_rule_that_names_no_action_ends_the_training_with_rasas_words(project, tmp_path):
    (tmp_path / "rules.yml").write_text("rules:\n- rule: a\n  stepz: []\n", encoding="utf-8")
    done = run_training(project, data=str(tmp_path))

    assert done.returncode == 1
    assert "\x1b[91m" in done.stdout
    assert "stepz" in done.stdout
    assert "rules.yml:2" in done.stdout


def test_only_messages_that_say_the_same_of_the_same_text_are_one():
    from rasa.shared.nlu.training_data.message import Message

    texts = [("hello", "greet"), ("hello", "greet"), ("hello", "faq")]
    messages = [Message({"text": text, "intent": intent}) for text, intent in texts]
    annotated = Message({"text": "hello", "intent": "greet", "entities": [{"entity": "product", "value": "kettle"}]})

    assert _hash_of_message(messages[0]) == _hash_of_message(messages[1]) == _hash_of_message(annotated)
    assert messages[0] == messages[1] != annotated
    assert _hash_of_message(messages[0]) != _hash_of_message(messages[2])


def test_a_text_that_is_valid_is_read_without_its_lines_and_a_mistake_is_told_with_them():
    read, told = [], []

    def validate(text, schema):
        reading.read_yaml(text, ["safe", "rt"])
        told.append(read[-1])
        if text == "wrong":
            raise ValueError(read[-1])

    reading = Reading(lambda text, kind: read.append(str(kind)) or text, validate)
    reading.validate_yaml_schema("right", "schema")
    reading.validate_yaml_schema("right", "schema")
    assert told == ["safe"]
    with pytest.raises(ValueError, match="rt"):
        reading.validate_yaml_schema("wrong", "schema")


@pytest.mark.parametrize(
    ("config", "needed"),
    [
        ((ROOT / "config.yml").read_text(encoding="utf-8"), False),
        ("pipeline:\n  - name: bot.intent_classifier.EncoderIntentClassifier\n  - name: DIETClassifier\n", True),
        ("recipe: default.v1\n", True),
    ],
)
def test_tensorflow_is_left_out_only_where_all_components_are_ours(config, needed):
    assert needs_tensorflow(config) is needed

"""Another model takes over while customers write: no turn is lost and none waits for the loading."""

import shutil
import sys
import threading
import time
import urllib.error

import pytest

from tests.bot.test_server import ROOT, Server

LOADS_FOR_S = 6.0

SLOW_COMPONENT = f'''
import time
from typing import List
from rasa.engine.graph import GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SlowToLoad(GraphComponent):
    """A component of a large model, which takes long to load."""

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> "SlowToLoad":
        return cls()

    @classmethod
    def load(cls, config, model_storage, resource, execution_context, **kwargs) -> "SlowToLoad":
        time.sleep({LOADS_FOR_S})
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        return messages
'''


@pytest.fixture(scope="module")
def slow_model(project):
    """A model of the same assistant that takes seconds to load."""
    from rasa.model_training import train

    (project / "slow_component.py").write_text(SLOW_COMPONENT, encoding="utf-8")
    config = (ROOT / "config.yml").read_text(encoding="utf-8")
    assert "\npolicies:" in config
    slow = project / "slow.yml"
    slow.write_text(config.replace("\npolicies:", "\n  - name: slow_component.SlowToLoad\n\npolicies:"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        patch.syspath_prepend(str(project))
        result = train(
            str(project / "domain.yml"), str(slow), [str(project / "data")], str(project), False, True, "slow"
        )
        sys.modules.pop("slow_component", None)
    assert result.code == 0
    return result.model


@pytest.fixture
def server(project, model_path, action_url, actions):
    server = Server(project, model_path, action_url[0])
    server.start()
    yield server
    server.kill()


class Customers:
    """Customers who write one message after the other in conversations of their own."""

    def __init__(self, server, count):
        self.turns, self.failed = [], []
        self._ended = threading.Event()
        self._server = server
        self._threads = [threading.Thread(target=self._write, args=(f"busy-{n}",)) for n in range(count)]

    def _write(self, sender):
        number = 0
        while not self._ended.is_set():
            number += 1
            body = {"sender": sender, "message": "hello", "metadata": {"message_id": f"{sender}-{number}"}}
            begun = time.monotonic()
            try:
                replies = self._server.request("POST", "/webhooks/rest/webhook", body)
                self.turns.append((begun, time.monotonic() - begun, len(replies)))
            except (OSError, ValueError) as error:
                self.failed.append(str(error))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()


def test_turns_are_answered_while_another_model_is_loaded_and_a_form_goes_on_with_it(server, slow_model, model_path):
    assert server.say("cancel my order", "m-1") == ["Which order?"]
    with Customers(server, 3) as customers:
        while len(customers.turns) < 9:
            time.sleep(0.05)
        begun = time.monotonic()
        server.put_model(slow_model)
        loading = time.monotonic() - begun
        assert server.request("GET", "/status")["model_file"] == "slow.tar.gz"

    assert loading >= LOADS_FOR_S
    assert customers.failed == []
    assert {replies for _, _, replies in customers.turns} == {1}
    usual = max(seconds for sent, seconds, _ in customers.turns if sent + seconds < begun)
    meanwhile = [seconds for sent, seconds, _ in customers.turns if begun <= sent < begun + loading]
    assert len(meanwhile) >= 9
    assert max(meanwhile) < usual + LOADS_FOR_S / 2, (usual, loading, meanwhile)

    assert server.say("LH-10005", "m-2") == ["Why?"]
    server.put_model(model_path)
    assert server.say("found it cheaper", "m-3") == ["Cancelled LH-10005."]
    assert server.message_ids() == ["m-1", "m-2", "m-3"]


def test_a_model_that_cannot_be_loaded_leaves_the_bot_as_it_was(server, project, model_path):
    broken = project / "broken.tar.gz"
    shutil.copy(model_path, broken)
    broken.write_bytes(broken.read_bytes()[:1000])
    before = server.request("GET", "/status")["model_file"]

    with pytest.raises(urllib.error.HTTPError):
        server.put_model(str(broken))

    assert server.request("GET", "/status")["model_file"] == before
    assert server.say("cancel my order", "m-1") == ["Which order?"]

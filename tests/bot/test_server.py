"""A real `rasa run` with the tracker store from endpoints.yml: its HTTP API, and kill -9."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S = 180.0


class Server:
    """One Rasa process; ``start`` again after ``kill`` goes on with the same files."""

    def __init__(self, project, model, action_url):
        self._model = model
        self._project = project
        self._process = None
        endpoints = {
            "action_endpoint": {"url": action_url, "enable_selective_domain": True},
            "tracker_store": {"type": "bot.tracker_store.LiveTrackerStore", "db": str(project / "server.db")},
        }
        (project / "endpoints.yml").write_text(json.dumps(endpoints), encoding="utf-8")
        (project / "credentials.yml").write_text("rest:\n", encoding="utf-8")

    def start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        command = [sys.executable, "-m", "rasa", "run", "--enable-api", "--auth-token", "secret"]
        command += ["-i", "127.0.0.1", "-p", str(self._port), "-m", self._model]
        self.log = (self._project / "server.log").open("a+", encoding="utf-8")
        self._process = subprocess.Popen(
            command,
            cwd=self._project,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "rasa ended while it started"
            try:
                if self.request("GET", "/status")["model_file"]:
                    return
            except (OSError, KeyError):
                time.sleep(0.2)
        raise AssertionError("rasa did not start in time")

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.log.close()

    def request(self, method, path, body=None):
        separator = "&" if "?" in path else "?"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}{path}{separator}token=secret",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")

    def put_model(self, model):
        self.request("PUT", "/model", {"model_file": model})

    def say(self, text, message_id):
        body = {"sender": "c-1", "message": text, "metadata": {"message_id": message_id}}
        return [reply["text"] for reply in self.request("POST", "/webhooks/rest/webhook", body)]

    def message_ids(self):
        tracker = self.request("GET", "/conversations/c-1/tracker?include_events=ALL")
        return [event["metadata"]["message_id"] for event in tracker["events"] if event["event"] == "user"]


@pytest.fixture
def server(project, model_path, action_url, actions):
    server = Server(project, model_path, action_url[0])
    server.start()
    yield server
    server.kill()


def test_a_killed_server_goes_on_with_its_conversations_and_a_rewind_lets_a_message_be_sent_again(server):
    assert server.say("cancel my order", "m-1") == ["Which order?"]
    assert server.say("LH-10005", "m-2") == ["Why?"]

    server.kill()
    server.start()
    assert server.message_ids() == ["m-1", "m-2"]
    assert server.say("found it cheaper", "m-3") == ["Cancelled LH-10005."]

    after = server.request("POST", "/conversations/c-1/tracker/events", {"event": "rewind"})
    assert after["active_loop"]["name"] == "cancel_form"
    assert after["slots"]["order_number"] == "LH-10005"
    assert server.say("found it cheaper", "m-3") == ["Cancelled LH-10005."]
    assert server.message_ids() == ["m-1", "m-2", "m-3", "m-3"]

    for number in range(30):
        server.say("hello", f"m-{number + 10}")
    assert len(server.message_ids()) == 34
    assert len(server.request("GET", "/conversations/c-1/tracker?include_events=APPLIED")["events"]) > 60

    server.log.flush()
    log = (server._project / "server.log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "found it cheaper" not in log

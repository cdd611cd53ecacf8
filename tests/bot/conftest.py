"""A small assistant of its own, trained once with Rasa's API, and an action server that answers it."""

import asyncio
import importlib.util
import json
import shutil
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# The other environment has no Rasa; there these tests are not its business.
collect_ignore_glob = [] if importlib.util.find_spec("rasa") else ["test_*.py"]

ASSISTANT = Path(__file__).parent / "assistant"


@pytest.fixture(scope="session", autouse=True)
def _quiet_rasa(tmp_path_factory):
    """No telemetry, and no cache shared with anybody's own trainings."""
    patch = pytest.MonkeyPatch()
    patch.setenv("RASA_TELEMETRY_ENABLED", "false")
    patch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path_factory.mktemp("rasa-cache")))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """The small assistant's files, with the pipeline and policies that ship."""
    folder = tmp_path_factory.mktemp("assistant")
    (folder / "data").mkdir()
    for name in ("nlu.yml", "rules.yml"):
        shutil.copy(ASSISTANT / name, folder / "data" / name)
    shutil.copy(ASSISTANT / "domain.yml", folder / "domain.yml")
    shutil.copy(ROOT / "config.yml", folder / "config.yml")
    return folder


@pytest.fixture(scope="session")
def model_path(project):
    """The trained model."""
    from rasa.model_training import train

    working_folder = pytest.MonkeyPatch()
    working_folder.chdir(project)
    try:
        result = train(
            domain=str(project / "domain.yml"),
            config=str(project / "config.yml"),
            training_files=[str(project / "data")],
            output=str(project / "models"),
            fixed_model_name="small",
        )
    finally:
        working_folder.undo()
    assert result.code == 0
    return result.model


class ActionServer:
    """Scores turns by a word in the text, and records which actions ran for which message.

    ``refuses`` is a status and a body that every call gets; ``delays`` are seconds that calls about a text take;
    ``told`` is what came on the stream and needed no answer.
    """

    def __init__(self):
        self.calls = []
        self.closes_forms = True
        self.answers = True
        self.takes = None
        self.asks = False
        self.refuses = None
        self.begun = []
        self.delays = {}
        self.streamed = 0
        self.told = []

    async def answer(self, request):
        """Status and body of the answer to one call."""
        text = request["tracker"]["latest_message"].get("text")
        self.begun.append(text)
        await asyncio.sleep(self.delays.get(text, 0))
        if self.refuses is not None:
            return self.refuses
        return (200, self.respond(request)) if self.answers else (500, {"error": "the action failed"})

    def respond(self, request):
        """The events and responses of one action call."""
        action = request["next_action"]
        tracker = request["tracker"]
        message = tracker["latest_message"]
        message_id = message.get("metadata", {}).get("message_id")
        self.calls.append((action, message_id))
        if action == "action_validate_slot_mappings":
            text = message.get("text") or ""
            wanted = "now" if "person" in text else "offer" if "annoying" in text else "none"
            decision = {"action": wanted, "message_id": message_id}
            slots = [_slot("escalation", decision), *self._requests(tracker, message_id)]
            return {"events": slots, "responses": []}
        if action == "action_take_request":
            request = tracker["slots"]["next_request"]
            answer = {"response": f"utter_{request['topic']}"} if "/" in request["topic"] else {"text": "Next."}
            return {"events": [_slot("next_request", {**request, "taken_for": message_id})], "responses": [answer]}
        if action == "action_ask_which":
            return {"events": [], "responses": [{"text": "Which of the two?"}]}
        if action == "action_handoff":
            ended = [{"event": "active_loop", "name": None}, _slot("requested_slot", None)]
            return {"events": ended if self.closes_forms else [], "responses": []}
        if action == "action_cancel_order":
            order = tracker["slots"]["order_number"]
            reply = {"text": f"Cancelled {order}."}
            return {"events": [_slot("order_number", None), _slot("reason", None)], "responses": [reply]}
        raise AssertionError(f"unknown action {action}")

    def _requests(self, tracker, message_id):
        """The second of two requests waits; a choice that the test wants is taken or asked for at once."""
        if tracker["slots"].get("next_request"):
            return []  # forms make Rasa ask again within a turn
        if self.takes:
            return [_slot("next_request", {"topic": self.takes, "taken_for": message_id})]
        if self.asks:
            return [_slot("which_request", {"options": ["a", "b"], "asked_for": message_id})]
        two = tracker["latest_message"].get("two_requests")
        return [_slot("next_request", {"topic": two["second"]["label"], "taken_for": None})] if two else []


def _slot(name, value):
    return {"event": "slot", "name": name, "value": value}


@pytest.fixture(scope="session")
def action_url():
    """A web server in a thread; ``actions`` puts a fresh ActionServer behind it for each test."""
    from aiohttp import web

    current = web.AppKey("current", list)

    async def webhook(request):
        status, body = await request.app[current][0].answer(await request.json())
        return web.Response(text=json.dumps(body), status=status, content_type="application/json")

    async def answer_frame(server, socket, frame):
        status, body = await server.answer(frame["body"])
        await socket.send_json({"number": frame["number"], "status": status, "body": body})

    async def stream(request):
        socket = web.WebSocketResponse(max_msg_size=10_000_000)
        await socket.prepare(request)
        running = []
        async for message in socket:
            server, frame = request.app[current][0], message.json()
            if "number" not in frame:
                server.told.append(frame["body"])
                continue
            server.streamed += 1
            running.append(asyncio.create_task(answer_frame(server, socket, frame)))
        return socket

    app = web.Application(client_max_size=10_000_000)
    app[current] = [ActionServer()]
    app.router.add_post("/webhook", webhook)
    app.router.add_get("/stream", stream)
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app)
    loop.run_until_complete(runner.setup())
    site = web.TCPSite(runner, "127.0.0.1", 0)
    loop.run_until_complete(site.start())
    port = site._server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}/webhook", app[current]
    runner._shutdown_timeout = 0.1  # the bots of the tests leave their connections open
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def actions(action_url):
    """The action server as this test sees it."""
    server = ActionServer()
    action_url[1][0] = server
    return server


class Bot:
    """The trained assistant with a tracker store of its own, as a customer and as handoff meet it."""

    def __init__(self, model_path, endpoint, store):
        from rasa.core.agent import Agent
        from rasa.utils.endpoints import EndpointConfig

        self.loop = asyncio.new_event_loop()
        self.store = store
        self.agent = Agent.load(model_path, action_endpoint=EndpointConfig(**endpoint), tracker_store=store)
        self._sent = 0

    def say(self, text, conversation="c-1", message_id=None):
        """Sends one customer message; the texts of the replies."""
        from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

        self._sent += 1
        message = UserMessage(
            text,
            output_channel=CollectingOutputChannel(),
            sender_id=conversation,
            input_channel="rest",
            metadata={"message_id": message_id or f"m-{self._sent}"},
        )
        replies = self.wait(self.agent.handle_message(message))
        return [reply["text"] for reply in replies]

    def parse(self, text):
        """What is understood, without a conversation."""
        return self.wait(self.agent.parse_message(text))

    def tracker(self, conversation="c-1"):
        """The conversation's tracker."""
        return self.wait(self.store.retrieve(conversation))

    def wait(self, work):
        """The result of a coroutine."""
        return self.loop.run_until_complete(work)

    def close(self):
        """Closes what the test opened."""
        self.store.close()
        self.loop.close()


@pytest.fixture
def make_bot(model_path, action_url, actions, tmp_path):
    """Makes bots over one tracker database; a second one stands for a restarted process."""
    from rasa.shared.core.domain import Domain

    from bot.tracker_store import LiveTrackerStore

    made = []

    def make(stream=None, **settings):
        store = LiveTrackerStore(Domain.empty(), db=str(tmp_path / "tracker.db"), **settings)
        endpoint = {"url": action_url[0]} if stream is None else {"url": action_url[0], "stream": stream}
        made.append(Bot(model_path, endpoint, store))
        return made[-1]

    yield make
    for bot in made:
        bot.close()


@pytest.fixture
def bot(make_bot):
    """One bot."""
    return make_bot()

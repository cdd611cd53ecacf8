"""A socket, a Rasa and models of the test's own, for what the turn channel makes of frames."""

import asyncio
import json
from types import SimpleNamespace

from websockets.exceptions import ConnectionClosedOK

from bot.turn_channel import Readings, _Turns
from bot.turn_counts import TurnCounts


class Model:
    """Understands a text as itself, with its own name on it."""

    def __init__(self, name):
        self.name = name
        self.parsed = []
        self.fails = False

    async def parse_message(self, message):
        self.parsed.append(message.text)
        if self.fails:
            raise RuntimeError("no")
        return {"text": message.text, "by": self.name}


class Rasa:
    """One connection with a loaded model; ``turns`` are what Rasa was asked to handle.

    ``scored`` are the texts that the action server was told of, each with how many Rasa had understood by then.
    """

    def __init__(self):
        self.model = Model("first")
        self.turns = []
        self.sent = []
        self.scored = []
        self.cannot_tell = False
        self.gone = False
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.in_work = {}
        self.counts = TurnCounts()
        agent = SimpleNamespace
        self.readings = Readings(lambda: self.model and agent(processor=self.model))
        self.connection = self.connect()

    def connect(self):
        return _Turns(self, self.handle, self.readings, self.score, self.in_work, self.counts)

    async def score(self, sender, text):
        if self.cannot_tell:
            raise RuntimeError(text)
        self.scored.append((sender, text, len(self.model.parsed)))

    async def handle(self, message):
        self.turns.append(message)
        await self.goes_on.wait()
        await message.output_channel.send_text_message(message.sender_id, f"You said: {message.text}")
        if message.text == "fails":
            raise RuntimeError("half-way")

    async def send(self, text):
        if self.gone:
            raise ConnectionClosedOK(None, None)
        self.sent.append(json.loads(text))

    async def take(self, frame):
        await self.connection.take(frame if isinstance(frame, (str, bytes)) else json.dumps(frame))
        if self.goes_on.is_set():
            while self.in_work:
                await asyncio.wait(self.in_work)

    async def read(self, text, **sender):
        await self.take({"body": {"read": text, **sender}})

    async def say(self, text, number=1, message_id=None):
        metadata = {"a": 1} if message_id is None else {"message_id": message_id}
        await self.take({"number": number, "body": {"sender": "c-1", "message": text, "metadata": metadata}})


def run(work):
    """Runs a test's coroutine with a Rasa."""

    async def main():
        await work(Rasa())

    asyncio.run(main())

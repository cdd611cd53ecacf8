"""The trained assistant with its action server, both as real processes, and a customer who talks to it over REST."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from actions.shop.seed import seed
from actions.shop.sqlite_database import ShopDatabase
from handoff.contract import BotMetadata, CustomerInfo, LastCase, Tier
from tests.conversations.recorder import HandoffRecorder
from warmline.paths import PROJECT_ROOT
from warmline.secrets import ensure_secrets
from warmline.services import render_endpoints, services
from warmline.settings import Settings
from warmline.training import model_file, train

START_SECONDS: Final = 300.0
SHIPPED_MODELS: Final = PROJECT_ROOT / "models"

MAYA: Final = CustomerInfo(id="C-1001", name="Maya Lind", email="maya.lind@mail.example", verified=True)
TOM: Final = CustomerInfo(
    id="C-1002", name="Tom Becker", email="tom.becker@mail.example", tier=Tier.PLUS, verified=True
)
PRIYA: Final = CustomerInfo(id="C-1003", name="Priya Shah", tier=Tier.VIP, verified=True)
JONAS: Final = CustomerInfo(id="C-1004", name="Jonas Weber", verified=True)
ELENA: Final = CustomerInfo(id="C-1005", name="Elena Rossi", verified=True)
VISITOR: Final = CustomerInfo(id="visitor-1")


@dataclass(frozen=True)
class Answer:
    """What the bot said to one message: the responses by name, their texts, and the buttons by title."""

    responses: tuple[str, ...]
    text: str
    buttons: dict[str, str]


@dataclass
class Assistant:
    """Rasa and the action server on free ports, with a shop of their own in ``var``."""

    var: Path
    recorder: HandoffRecorder = field(default_factory=HandoffRecorder)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _seeded: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        """Trains where the newest model is not of the data as they stand, and waits until both processes answer."""
        os.environ |= {
            "WARMLINE_VAR": str(self.var),
            "WARMLINE_PORT": str(self.recorder.start()),
            "WARMLINE_RASA_PORT": str(_free_port()),
            "WARMLINE_ACTIONS_PORT": str(_free_port()),
            "WARMLINE_MODELS": str(self._models()),
        }
        self.settings = Settings.load()
        ensure_secrets(self.settings.secrets_file)
        self.settings.logs_dir.mkdir(parents=True, exist_ok=True)
        if not model_file(self.settings).exists():
            train(self.settings, lambda _: None, swap=False)
        render_endpoints(self.settings)
        self.settings.credentials_file.write_text("rest:\n", encoding="utf-8")
        self.reset_shop()
        for spec in services(self.settings):
            if spec.name != "handoff":
                with spec.log.open("ab") as log:
                    environment = {**os.environ, **spec.environment}
                    self._processes.append(
                        subprocess.Popen(
                            spec.command, cwd=spec.folder, env=environment, stdout=log, stderr=subprocess.STDOUT
                        )
                    )
        self._wait(f"{self.settings.actions_url}/health")
        self._wait(f"{self.settings.rasa_url}/status?token={self.settings.secrets.rasa}")

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(timeout=20)
        self.recorder.stop()
        for name in ("VAR", "PORT", "RASA_PORT", "ACTIONS_PORT", "MODELS"):
            del os.environ[f"WARMLINE_{name}"]

    def reset_shop(self) -> None:
        """Puts every order, plan and refund back to how the demo begins."""
        database = ShopDatabase(self.settings.shop_database)
        database.create()
        with database.connection() as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            connection.execute("PRAGMA foreign_keys=OFF")
            for table in tables:
                connection.execute(f"DELETE FROM {table['name']}")
        seed(self.settings.shop_database, datetime.now(UTC).date())
        self._seeded = {table: self._size(table) for table in ("refunds", "returns", "repair_visits")}

    def count(self, table: str) -> int:
        """Rows that a table of the shop has gained since the demo began."""
        return self._size(table) - self._seeded.get(table, 0)

    def _size(self, table: str) -> int:
        with ShopDatabase(self.settings.shop_database).connection() as connection:
            return int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])

    def send(self, sender: str, text: str, metadata: BotMetadata) -> list[dict[str, Any]]:
        """One message through Rasa's REST channel."""
        body = {"sender": sender, "message": text, "metadata": metadata.model_dump(mode="json")}
        return list(self._call("/webhooks/rest/webhook", body))

    def events(self, sender: str) -> list[dict[str, Any]]:
        """The conversation's events."""
        return list(self._call(f"/conversations/{sender}/tracker")["events"])

    def understood(self, text: str) -> dict[str, Any]:
        """What the pipeline makes of a text, outside any conversation."""
        return dict(self._call("/model/parse", {"text": text}))

    def rewind(self, sender: str) -> None:
        """Takes the last message back, as handoff does before it sends it again."""
        self._call(f"/conversations/{sender}/tracker/events", {"event": "rewind"})

    def slots(self, sender: str) -> dict[str, Any]:
        """The conversation's slots that are set."""
        slots = self._call(f"/conversations/{sender}/tracker")["slots"]
        return {name: value for name, value in slots.items() if value is not None}

    def _call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        mark = "&" if "?" in path else "?"
        url = f"{self.settings.rasa_url}{path}{mark}token={self.settings.secrets.rasa}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def _models(self) -> Path:
        """The project's models where the newest is current; else a folder of its own, to train into."""
        os.environ["WARMLINE_MODELS"] = str(SHIPPED_MODELS)
        newest = max(SHIPPED_MODELS.glob("*.tar.gz"), key=lambda file: file.stat().st_mtime, default=None)
        if newest == model_file(Settings.load()):
            return SHIPPED_MODELS
        own = self.var / "models"
        own.mkdir(parents=True)
        for part in ("encoder", "frustration"):
            (own / part).symlink_to(SHIPPED_MODELS / part)
        return own

    def _wait(self, url: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except OSError as error:
                ended = [process for process in self._processes if process.poll() is not None]
                if ended or time.monotonic() > deadline:
                    logs = [file.read_text()[-2000:] for file in sorted(self.settings.logs_dir.glob("*.log"))]
                    raise RuntimeError("\n".join(["the assistant does not answer", *logs])) from error
            time.sleep(0.1)


@dataclass
class Customer:
    """Somebody who talks to the assistant in one conversation."""

    assistant: Assistant
    info: CustomerInfo
    conversation: str = field(default_factory=lambda: uuid.uuid4().hex)
    offered: dict[str, str] = field(default_factory=dict)
    last_case: LastCase | None = None

    def says(self, text: str, *, message_id: str | None = None) -> Answer:
        """Sends a message, as handoff would, and returns the answer."""
        metadata = BotMetadata(
            message_id=message_id or uuid.uuid4().hex,
            conversation_id=self.conversation,
            owner_version=1,
            sent_at=datetime.now(UTC),
            customer=self.info,
            last_case=self.last_case,
        )
        messages = self.assistant.send(self.conversation, text, metadata)
        spoken = [message for message in messages if "turn" not in (message.get("custom") or {})]
        self.offered = {
            button["title"]: button["payload"] for message in spoken for button in message.get("buttons", [])
        }
        texts = "\n".join(message.get("text", "") for message in spoken)
        return Answer(self._responses(), texts, dict(self.offered))

    def presses(self, title: str) -> Answer:
        """Presses a button of the last answer; the title may be cut short."""
        payload = next(payload for offered, payload in self.offered.items() if offered.startswith(title))
        return self.says(payload)

    @property
    def slots(self) -> dict[str, Any]:
        return self.assistant.slots(self.conversation)

    def _responses(self) -> tuple[str, ...]:
        """Names of what was said since the last message."""
        names: list[str] = []
        for event in reversed(self.assistant.events(self.conversation)):
            if event["event"] == "user":
                break
            if event["event"] == "bot" and (name := (event.get("metadata") or {}).get("utter_action")):
                names.append(name)
        return tuple(reversed(names))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Stands where handoff stands: takes the cases that the action server opens, and keeps them for the tests."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from handoff.contract import Category, HandoffAccepted, HandoffRequest


@dataclass
class HandoffRecorder:
    """A small HTTP server on a free port. Cases are kept by idempotency key, as handoff does."""

    cases: dict[str, HandoffRequest] = field(default_factory=dict)
    reopened: list[str] = field(default_factory=list)

    def start(self) -> int:
        """Serves in a thread; returns the port."""
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer(recorder.take(self.path, body))

            def do_GET(self) -> None:
                self._answer({"status": "ok"})

            def _answer(self, body: dict[str, Any]) -> None:
                content = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self._server.server_port

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answers as handoff's internal API does."""
        if path.endswith("/reopen"):
            self.reopened.append(path.split("/")[-2])
        else:
            request = HandoffRequest.model_validate(body)
            self.cases[request.idempotency_key] = request
        accepted = HandoffAccepted(
            case_id="case-1", case_number="WL-1001", category=Category.GENERAL, position=1, created=True
        )
        return accepted.model_dump(mode="json")

    def of(self, conversation: str) -> list[HandoffRequest]:
        """The cases of one conversation."""
        return [case for case in self.cases.values() if case.conversation_id == conversation]

"""The agent's half of the stand-in server: docs/agent-api.md, version 1, in memory."""

from __future__ import annotations

import contextlib
import json
import secrets

from aiohttp import WSMsgType, web

from .fake_customer import Json, later, now
from .fake_team import ANA, LEVELS, PASSWORD, QUESTIONS, QUEUES, SEVERITIES, ago, refused, summary


class AgentSide:
    """Cases and the desk's stream; the test moves it by its methods."""

    def __init__(self) -> None:
        self.who = ANA
        self.cases: dict[str, Json] = {}
        self.sessions: dict[str, str] = {}
        self.sockets: dict[web.WebSocketResponse, set[str]] = {}
        self.accept_refused_for: str | None = None
        self.verdict_refused = False
        self.severity_refused = False
        self.calls: list[tuple[str, Json]] = []
        self.offers: dict[str, Json] = {}
        self.presence = "online"
        self.notifications: list[Json] = []

    def routes(self) -> list[web.RouteDef]:
        """The paths of the agent API that the desk calls."""
        base = "/api/agent/v1"
        return [
            web.post(f"{base}/session", self._sign_in),
            web.get(f"{base}/session", self._session),
            web.delete(f"{base}/session", self._sign_out),
            web.get(f"{base}/queues", self._queues),
            web.get(f"{base}/options", self._options),
            web.get(f"{base}/cases", self._list),
            web.get(f"{base}/cases/{{id}}", self._detail),
            web.post(f"{base}/cases/{{id}}/{{verb}}", self._act),
            web.post(f"{base}/offers/{{id}}/{{verb}}", self._answer_offer),
            web.get(f"{base}/notifications", self._notifications),
            web.post(f"{base}/notifications/read", self._read_notifications),
            web.post(f"{base}/notifications/{{id}}/read", self._read_notifications),
            web.get(f"{base}/stream", self._stream),
        ]

    async def _sign_in(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body != {"email": self.who["email"], "password": PASSWORD}:
            raise refused(401, "sign_in_failed", "The e-mail or the password is wrong.")
        cookie = secrets.token_urlsafe(16)
        self.sessions[cookie] = secrets.token_urlsafe(16)
        response = web.json_response({"agent": self.who, "csrf_token": self.sessions[cookie]})
        response.set_cookie("warmline_session", cookie, httponly=True, samesite="Strict")
        return response

    def _csrf(self, request: web.Request) -> str:
        token = self.sessions.get(request.cookies.get("warmline_session", ""))
        if token is None:
            raise refused(401, "not_signed_in", "Sign in first.")
        return token

    async def _session(self, request: web.Request) -> web.Response:
        return web.json_response({"agent": self.who, "csrf_token": self._csrf(request)})

    async def _sign_out(self, request: web.Request) -> web.Response:
        self._csrf(request)
        del self.sessions[request.cookies["warmline_session"]]
        return web.Response(status=204)

    def queues(self) -> list[Json]:
        """Each queue with its counts."""
        answer = []
        for category, label in QUEUES:
            if category not in self.who["queues"]:
                continue
            inside = [case for case in self.cases.values() if case["category"] == category]
            waiting = [case for case in inside if case["owner_type"] == "queue"]
            answer.append(
                {
                    "category": category,
                    "label": label,
                    "waiting": len(waiting),
                    "active": len([case for case in inside if case["owner_type"] == "agent"]),
                    "oldest_opened_at": min((case["opened_at"] for case in waiting), default=None),
                }
            )
        return answer

    async def _queues(self, request: web.Request) -> web.Response:
        self._csrf(request)
        return web.json_response({"queues": self.queues()})

    async def _options(self, request: web.Request) -> web.Response:
        self._csrf(request)
        return web.json_response(
            {
                "categories": [{"category": category, "label": label} for category, label in QUEUES],
                "levels": [{"level": level, "name": name} for level, name in enumerate(LEVELS, 1)],
                "severities": [
                    {"severity": severity, "name": name, "meaning": meaning}
                    for severity, (name, meaning) in enumerate(SEVERITIES, 1)
                ],
                "triage": QUESTIONS,
                "dispositions": [
                    {"code": "solved", "label": "Solved"},
                    {"code": "no_fault", "label": "No fault found"},
                ],
                "root_causes": [{"code": "price_change", "label": "Price change"}, {"code": "other", "label": "Other"}],
                "message_characters": 4000,
            }
        )

    def open_cases(self) -> list[Json]:
        """Summaries, worst and oldest first."""
        cases = [summary(case) for case in self.cases.values() if case["status"] != "closed"]
        return sorted(cases, key=lambda case: (case["severity"], case["opened_at"]))

    async def _list(self, request: web.Request) -> web.Response:
        self._csrf(request)
        cases = self.open_cases()
        if request.query.get("status") == "waiting_in_queue":
            cases = [case for case in cases if case["owner_type"] == "queue"]
        return web.json_response({"cases": cases})

    def _case(self, request: web.Request) -> Json:
        self._csrf(request)
        case = self.cases.get(request.match_info["id"])
        if case is None:
            raise refused(404, "not_found", "There is no such case.")
        return case

    async def _detail(self, request: web.Request) -> web.Response:
        case = self._case(request)
        return web.json_response({"case": case})

    async def _act(self, request: web.Request) -> web.Response:
        case = self._case(request)
        if request.headers.get("X-CSRF-Token") != self._csrf(request):
            raise refused(403, "csrf_failed", "The X-CSRF-Token header is missing or wrong.")
        verb, body = request.match_info["verb"], await request.json()
        self.calls.append((verb, body))
        if verb == "accept" and self.accept_refused_for:
            await self.taken_by(case, self.accept_refused_for)
            raise refused(409, "already_accepted", "Already accepted.", agent_name=self.accept_refused_for)
        required = {
            "messages": {"client_message_id", "text"}, "notes": {"text"}, "release": {"reason"},
            "transfer": {"category", "tried", "next_step"}, "escalate": {"tried", "next_step"},
            "resolve": {"disposition", "root_cause", "outcome"}, "next-update": {"minutes", "reason"},
            "verdict": {"verdict"}, "severity": {"severity", "reason"},
        }.get(verb, set())  # fmt: skip
        missing = sorted(field for field in required if not body.get(field))
        if missing:
            raise refused(422, "missing_field", f"{missing[0]} is missing.", field=missing[0])
        if verb == "severity" and self.severity_refused:
            raise refused(422, "bad_value", "customers: this is not a number of customers.", field="triage.customers")
        if verb == "verdict" and self.verdict_refused:
            raise refused(409, "not_owner", "The case belongs to somebody else.")
        if verb == "messages":
            message = await self.say(case, body["text"], "agent", client_message_id=body["client_message_id"])
            return web.json_response({"message": message, "case": summary(case)})
        await self._change(case, verb, body)
        return web.json_response({"case": summary(case)})

    def offer(self, case: Json, offer_id: str = "offer-1") -> Json:
        """Put a case before the agent; it stands in the next snapshot."""
        self.offers[offer_id] = {
            "id": offer_id,
            "case_id": case["id"],
            "number": case["number"],
            "category": case["category"],
            "severity": case["severity"],
            "problem": case["problem"],
            "reserved": False,
            "offered_at": now(),
            "expires_at": later(0.75),
            "seconds_left": 45,
        }
        return self.offers[offer_id]

    async def tell(self, frame: Json) -> None:
        """Send a frame to every open desk."""
        for socket in list(self.sockets):
            await socket.send_json(frame)

    async def _answer_offer(self, request: web.Request) -> web.Response:
        self._csrf(request)
        offer = self.offers.pop(request.match_info["id"], None)
        if offer is None:
            raise refused(409, "offer_gone", "This offer has expired.")
        case, verb, body = self.cases[offer["case_id"]], request.match_info["verb"], await request.json()
        self.calls.append((f"offer-{verb}", body))
        if verb == "accept":
            await self._change(case, "accept", {})
        return web.json_response({"case": summary(case)})

    async def _change(self, case: Json, verb: str, body: Json) -> None:
        case["version"] += 1
        step = {"at": now(), "actor_type": "agent", "actor_name": self.who["name"], "data": body, "text": ""}
        kind = {"accept": "accepted", "release": "released", "notes": "note", "transfer": "transferred",
                "escalate": "escalated", "resolve": "resolved", "next-update": "next_update",
                "verdict": "judged", "severity": "severity_changed"}[verb]  # fmt: skip
        if verb == "severity":
            step |= {"text": body["reason"], "data": {"from": case["severity"], "to": body["severity"]}}
        case["history"].append({**step, "kind": kind, "text": step["text"] or body.get("text", "")})
        if verb == "accept":
            case.update(
                owner_type="agent",
                status="active",
                agent={"id": self.who["id"], "name": self.who["name"]},
                position=None,
            )
        elif verb == "notes":
            case["notes"].append({"at": now(), "agent_name": self.who["name"], "text": body["text"]})
        elif verb == "verdict":
            given = {"message_id": None, "note": "", **body}
            case["verdict"] = {**given, "agent_name": self.who["name"], "at": now()}
        elif verb == "severity":
            case.update(severity=body["severity"], triage=body.get("triage") or case["triage"])
        elif verb == "next-update":
            case["next_update_due"] = later(body["minutes"])
        elif verb == "resolve":
            case.update(owner_type="bot", status="closed", **body)
        elif verb == "release":
            case.update(owner_type="queue", status="open", agent=None, position=1)
        else:
            case.update(owner_type="queue", status="open", agent=None, category=body.get("category", case["category"]))
        if case["status"] == "closed" or case["category"] not in self.who["queues"]:
            await self.push({"type": "case_gone", "case_id": case["id"]})
        else:
            await self.push({"type": "case", "case": summary(case)})
        await self.push({"type": "queues", "queues": self.queues()})

    async def taken_by(self, case: Json, name: str) -> None:
        """Another agent was first."""
        case.update(owner_type="agent", status="active", agent={"id": name.lower(), "name": name}, position=None)
        case["version"] += 1
        await self.push({"type": "case", "case": summary(case)})

    async def add(self, case: Json) -> None:
        """A case is opened while the desk looks on."""
        self.cases[case["id"]] = case
        await self.push({"type": "case", "case": summary(case)})
        await self.push({"type": "queues", "queues": self.queues()})

    async def say(self, case: Json, text: str, sender: str, *, client_message_id: str | None = None) -> Json:
        """A message in the case's conversation."""
        # The name of a customer stands with the case, not with each message.
        names = {"agent": self.who["name"], "customer": None}
        message = {
            "seq": len(case["messages"]) + 1,
            "id": secrets.token_hex(8),
            "sender": {"type": sender, "name": names[sender]},
            "text": text,
            "buttons": [],
            "notice": None,
            "client_message_id": client_message_id,
            "created_at": now(),
            "turn": None,
        }
        case["messages"].append(message)
        case["last_seq"] = message["seq"]
        frame = {"type": "message", "case_id": case["id"], "message": message}
        for socket, watched in list(self.sockets.items()):
            if case["id"] in watched:
                await socket.send_json(frame)
        return message

    def unread(self) -> int:
        """How many notifications have not been read."""
        return sum(one["read_at"] is None for one in self.notifications)

    async def notify(self, text: str, case_id: str | None = None) -> None:
        """Tells the agent a line."""
        told = {
            "id": f"told-{len(self.notifications)}",
            "kind": "deadline_near",
            "case_id": case_id,
            "text": text,
            "data": {},
            "created_at": ago(2),
            "read_at": None,
        }
        self.notifications.insert(0, told)
        await self.push({"type": "notification", "notification": told, "announced": True, "sound": False})

    async def _notifications(self, request: web.Request) -> web.Response:
        self._csrf(request)
        return web.json_response({"notifications": self.notifications, "unread": self.unread()})

    async def _read_notifications(self, request: web.Request) -> web.Response:
        self._csrf(request)
        wanted = request.match_info.get("id")
        changed = [one for one in self.notifications if one["read_at"] is None and wanted in (None, one["id"])]
        for one in changed:
            one["read_at"] = ago(0)
        return web.json_response({"count": len(changed)})

    async def push(self, frame: Json) -> None:
        """Sends a frame to every desk."""
        for socket in list(self.sockets):
            with contextlib.suppress(ConnectionError):
                await socket.send_json(frame)

    async def drop(self) -> None:
        """Closes every stream, as a restart does."""
        for socket in list(self.sockets):
            self.sockets.pop(socket, None)
            await socket.close(code=1001)

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        self._csrf(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(
            {
                "type": "snapshot",
                "version": 1,
                "agent": self.who,
                "queues": self.queues(),
                "cases": self.open_cases(),
                "presence": {"agent_id": self.who["id"], "state": self.presence, "since": now()},
                "offers": list(self.offers.values()),
                "unread_notifications": self.unread(),
            }
        )
        self.sockets[socket] = set()
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    continue
                data = json.loads(frame.data)
                if data["type"] == "ping":
                    await socket.send_json({"type": "pong"})
                elif data["type"] == "watch":
                    case = self.cases[data["case_id"]]
                    self.sockets[socket].add(case["id"])
                    missed = [message for message in case["messages"] if message["seq"] > data["after_seq"]]
                    answer = {
                        "type": "watched",
                        "case_id": case["id"],
                        "messages": missed,
                        "last_seq": case["last_seq"],
                    }
                    await socket.send_json(answer)
                elif data["type"] == "unwatch":
                    self.sockets[socket].discard(data["case_id"])
                elif data["type"] == "presence":
                    self.presence = data["state"]
                    self.calls.append(("presence", {"state": data["state"]}))
        finally:
            self.sockets.pop(socket, None)
        return socket

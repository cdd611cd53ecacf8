"""How one wants to be told, over the agent API."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import BaseModel, Field

from handoff.contract import WireModel
from handoff.domain.notifications import NotificationKind
from handoff.domain.preferences import USUAL_DESK, USUAL_SOUND, Chosen, Preferences
from handoff.http.agent_auth import BASE, require_session
from handoff.http.guards import read_body
from handoff.http.operations import BODY, SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.steps import respond
from handoff.http.wire import Wire
from handoff.services.context import Context
from handoff.services.preferences import choose_preferences, read_preferences


class ChosenWays(Wire):
    """What is chosen for one kind of notification; null or left out: as usual."""

    mail: bool | None = None
    desk: bool | None = None
    sound: bool | None = None


class PreferencesRequest(Wire):
    """``POST /preferences``; what is left out stays, null for a kind makes all of it usual again."""

    notices: dict[Annotated[NotificationKind, Field(strict=False)], ChosenWays | None] = Field(default_factory=dict)
    quiet_when_away: bool | None = None


class WaysNow(WireModel):
    """How one is told of a kind; ``chosen``: which of the three one has chosen oneself."""

    kind: NotificationKind
    mail: bool
    desk: bool
    sound: bool
    chosen: list[str]


class PreferencesNow(WireModel):
    """One's own preferences, every kind among them."""

    notices: list[WaysNow]
    quiet_when_away: bool


class PreferencesAnswer(WireModel):
    """``GET /preferences``; ``mail_possible``: whether a mail server is set."""

    preferences: PreferencesNow
    mail_possible: bool


_NOW: Final[dict[int, tuple[str, type[BaseModel] | None]]] = {200: ("As they are now.", PreferencesAnswer)}
OPERATIONS: Final = (
    Operation("get", "/preferences", "How one wants to be told", _NOW, None, SIGNED_IN, SESSION),
    Operation("post", "/preferences", "Choose", _NOW, PreferencesRequest, (*SIGNED_IN, *BODY, "csrf_failed"), SESSION),
)


def routes() -> list[web.RouteDef]:
    """Reading, and choosing."""
    return [web.get(f"{BASE}/preferences", read), web.post(f"{BASE}/preferences", choose)]


async def read(request: web.Request) -> web.Response:
    """``GET /preferences``."""
    agent = (await require_session(request)).agent
    context = request.app[PARTS].context
    return respond(_view(context, await read_preferences(context, agent)))


async def choose(request: web.Request) -> web.Response:
    """``POST /preferences``."""
    agent = (await require_session(request)).agent
    body = PreferencesRequest.model_validate(await read_body(request))
    context = request.app[PARTS].context
    notices = {
        kind: Chosen(ways.mail, ways.desk, ways.sound) if ways is not None else None
        for kind, ways in body.notices.items()
    }
    after = await choose_preferences(context, agent, notices, quiet_when_away=body.quiet_when_away)
    return respond(_view(context, after))


def _view(context: Context, preferences: Preferences) -> dict[str, Any]:
    notices = []
    for kind in NotificationKind:
        chosen = preferences.chosen(kind)
        usual = {"mail": kind in context.policy.telling.staff_mail, "desk": USUAL_DESK, "sound": USUAL_SOUND}
        own = {"mail": chosen.mail, "desk": chosen.desk, "sound": chosen.sound}
        named = {name: value for name, value in own.items() if value is not None}
        notices.append({"kind": kind, **usual, **named, "chosen": sorted(named)})
    return {
        "preferences": {"notices": notices, "quiet_when_away": preferences.quiet_when_away},
        "mail_possible": context.mails,
    }

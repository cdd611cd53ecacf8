"""The way back from a mail: the page behind its link, and the call by which the widget opens the conversation."""

from __future__ import annotations

import html
from functools import cache
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from handoff.delivery.links import ConversationLinks, LinkExpired, LinkInvalid
from handoff.http.customer import BASE, begun_view
from handoff.http.errors import ApiError
from handoff.http.guards import read_body
from handoff.http.operations import BODY, Operation
from handoff.http.pages import WEB
from handoff.http.parts import PARTS
from handoff.http.reader import language_of_browser
from handoff.http.schemas import Begun
from handoff.http.wire import Wire
from handoff.other_languages import direction
from handoff.services import conversations

LINKS: Final = web.AppKey("links", ConversationLinks)


class LinkRequest(Wire):
    """What stands behind the ``#`` of a link."""

    link: Annotated[str, Field(min_length=1, max_length=4096)]


OPERATIONS: Final = (
    Operation(
        "post",
        "/links",
        "Open the conversation of a link",
        {200: ("The conversation.", Begun)},
        LinkRequest,
        (*BODY, "token_invalid", "token_expired", "origin_not_allowed", "not_found", "too_many_requests"),
    ),
)


def routes() -> list[web.RouteDef]:
    """The page and the call."""
    return [web.get("/c", page), web.post(f"{BASE}/links", open_link)]


async def page(request: web.Request) -> web.Response:
    """``GET /c``: what the browser shows while the script looks at the link, in the words of ``data/wording``.

    It is in the language that the link names, as the mail was, and without one in a language that the browser asks for.
    """
    house = request.app[PARTS].context.wording
    spoken = {house.widget["language"], *house.others}
    wanted = request.query.get("language") or language_of_browser(request.headers.get("Accept-Language", ""), spoken)
    wording = house.to(wanted)
    language = wording.widget["language"]
    words = {**wording.mail.page, "language": language, "direction": direction(language)}
    text = _template().format_map({key: html.escape(word) for key, word in words.items()})
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return web.Response(text=text, content_type="text/html", headers=headers)


@cache
def _template() -> str:
    return (WEB / "resume" / "index.html").read_text(encoding="utf-8")


async def open_link(request: web.Request) -> web.Response:
    """``POST /links``: a token for exactly this conversation, which lives no longer than the link."""
    parts = request.app[PARTS]
    body = LinkRequest.model_validate(await read_body(request))
    parts.begin_limit.check(parts.callers.of(request), "links")
    try:
        link = request.app[LINKS].read(body.link)
    except LinkExpired as error:
        raise ApiError("token_expired", "This link has expired. Begin again on the website.") from error
    except LinkInvalid as error:
        raise ApiError("token_invalid", "This link is not one of ours. Copy it whole from the mail.") from error
    begun = await conversations.reopen_by_link(parts.context, link.conversation_id)
    token, expires = parts.tokens.issue(begun.conversation.id, until=link.expires)
    return web.json_response(begun_view(parts, begun, token, expires), headers={"Cache-Control": "no-store"})

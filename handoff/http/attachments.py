"""Files over HTTP, for customers and for agents: taken as a stream of bytes, given out as downloads only."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from aiohttp import web

from handoff.delivery.local_files import LocalFiles
from handoff.delivery.scanner import CommandScanner
from handoff.domain.attachments import Attachment
from handoff.http import schemas
from handoff.http.agent_auth import BASE as AGENT
from handoff.http.agent_auth import require_case_worker
from handoff.http.customer import BASE as CUSTOMER
from handoff.http.customer import conversation_of
from handoff.http.errors import ApiError
from handoff.http.guards import RateLimit, case_id_of, identifier_of
from handoff.http.operations import OPENS, SESSION, SIGNED_IN, TOKEN, Operation
from handoff.http.parts import PARTS
from handoff.http.steps import respond
from handoff.http.views import attachment_view
from handoff.services import attachments
from handoff.services.attachments import Keeping, refuse_larger_than_the_limit
from handoff.services.file_store import no_scan
from warmline.settings import Settings

UPLOADS, UPLOAD_SECONDS = 20, 60.0
"""How many files one conversation or agent may upload within so many seconds."""
NAME_HEADER: Final = "X-File-Name"
NAME_HEADER_CHARACTERS: Final = 2000
CHUNK_BYTES: Final = 64 * 1024
DOWNLOAD_CSP: Final = "default-src 'none'; sandbox"
"""Nothing in a file may run or load, should a browser show it after all."""


@dataclass(frozen=True, slots=True)
class Files:
    """What the handlers of this module work with."""

    keeping: Keeping
    limit: RateLimit

    @classmethod
    def of(cls, settings: Settings) -> Files:
        """A folder of this machine, and the scanner if one is set."""
        scan = CommandScanner(settings.attachment_scan) if settings.attachment_scan is not None else no_scan
        limit = RateLimit(UPLOADS, UPLOAD_SECONDS, time.monotonic)
        return cls(Keeping(LocalFiles(settings.attachments_dir), scan), limit)


FILES = web.AppKey("files", Files)


def routes() -> list[web.RouteDef]:
    """Uploads and downloads."""
    case = f"{AGENT}/cases/{{case_id}}/attachments"
    return [
        web.post(f"{CUSTOMER}/attachments", upload_as_customer),
        web.get(f"{CUSTOMER}/attachments/{{attachment_id}}", download_as_customer),
        web.post(case, upload_as_agent),
        web.get(f"{case}/{{attachment_id}}", download_as_agent),
    ]


async def upload_as_customer(request: web.Request) -> web.Response:
    """``POST /attachments``."""
    context, files = request.app[PARTS].context, request.app[FILES]
    conversation_id = conversation_of(request)
    files.limit.check(conversation_id, "files")
    name = _name_and_size(request)
    kept = await attachments.take_from_customer(context, files.keeping, conversation_id, name, _chunks(request))
    return respond({"attachment": attachment_view(kept)}, 201)


async def upload_as_agent(request: web.Request) -> web.Response:
    """``POST /cases/{id}/attachments``."""
    agent = await require_case_worker(request)
    context, files = request.app[PARTS].context, request.app[FILES]
    files.limit.check(agent.id, "files")
    name = _name_and_size(request)
    case_id = case_id_of(request)
    kept = await attachments.take_from_agent(context, files.keeping, case_id, agent, name, _chunks(request))
    return respond({"attachment": attachment_view(kept)}, 201)


async def download_as_customer(request: web.Request) -> web.Response:
    """``GET /attachments/{id}``."""
    context, files = request.app[PARTS].context, request.app[FILES]
    conversation_id = conversation_of(request)
    wanted = identifier_of(request, "attachment_id", "file")
    return _download(*await attachments.read_as_customer(context, files.keeping, conversation_id, wanted))


async def download_as_agent(request: web.Request) -> web.Response:
    """``GET /cases/{id}/attachments/{id}``."""
    agent = await require_case_worker(request)
    context, files = request.app[PARTS].context, request.app[FILES]
    case_id, wanted = case_id_of(request), identifier_of(request, "attachment_id", "file")
    return _download(*await attachments.read_as_agent(context, files.keeping, case_id, agent, wanted))


def _name_and_size(request: web.Request) -> str:
    """The file's name; a body that is announced to be too large is refused before it is read."""
    refuse_larger_than_the_limit(request.content_length or 0)
    given = request.headers.get(NAME_HEADER, "")
    if not given or len(given) > NAME_HEADER_CHARACTERS:
        raise ApiError(
            "missing_field",
            f"Send the file's name in the header {NAME_HEADER}, percent-encoded UTF-8 of at most "
            f"{NAME_HEADER_CHARACTERS} characters.",
            field=NAME_HEADER,
        )
    return unquote(given, errors="replace")


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    async for chunk in request.content.iter_chunked(CHUNK_BYTES):
        yield chunk


def _download(attachment: Attachment, content: bytes) -> web.Response:
    headers = {
        "Content-Type": attachment.media_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}",
        "Content-Security-Policy": DOWNLOAD_CSP,
        "Cache-Control": "private, max-age=3600",
    }
    return web.Response(body=content, headers=headers)


_TAKEN: Final = (
    "missing_field",
    "attachment_type",
    "attachment_too_large",
    "attachment_empty",
    "attachment_infected",
    "attachments_full",
    "too_many_requests",
)
_GIVEN: Final = ("attachment_held", "attachment_infected")
_NAME: Final[dict[str, Any]] = {
    "name": NAME_HEADER,
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": NAME_HEADER_CHARACTERS},
}


def _operations(path: str, refusals: tuple[str, ...], upload: tuple[str, ...], security: Any) -> tuple[Operation, ...]:
    return (
        Operation(
            "post",
            path,
            "Upload a file",
            {201: ("Kept; a message can carry it.", schemas.AttachmentAnswer)},
            None,
            (*refusals, *upload, *_TAKEN),
            security,
            (_NAME,),
            takes=("application/octet-stream",),
        ),
        Operation(
            "get",
            f"{path}/{{attachment_id}}",
            "Download a file",
            {200: ("The bytes, as a download.", None)},
            None,
            (*refusals, *_GIVEN),
            security,
            file="*/*",
        ),
    )


CUSTOMER_OPERATIONS: Final = _operations("/attachments", OPENS, ("conversation_closed",), TOKEN)
AGENT_OPERATIONS: Final = _operations(
    "/cases/{case_id}/attachments",
    (*SIGNED_IN, "not_found"),
    ("csrf_failed", "wrong_state", "not_owner", "case_closed", "conversation_closed"),
    SESSION,
)

"""The port to the cases: where a conversation goes that needs a human."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import aiohttp
from pydantic import BaseModel, ValidationError

from handoff.contract import ErrorBody, HandoffAccepted, HandoffRequest, ReopenRequest

TIMEOUT_SECONDS: Final = 3.0
OPEN_PATH: Final = "/internal/v1/cases"
RETRY_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class CasesUnavailableError(Exception):
    """The cases cannot be reached just now; the same request may be sent again."""


class CaseRefusedError(Exception):
    """The request was understood and refused; sending it again will not help."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{code}: {message}")


class CasePort(Protocol):
    """Opens and reopens cases. Both are idempotent: the same request again gives the same case."""

    async def open(self, request: HandoffRequest) -> HandoffAccepted:
        """Open a case, or return the one that the request (or the conversation) already has.

        Raises:
            CasesUnavailableError: the cases cannot be reached just now.
            CaseRefusedError: the request was refused.
        """

    async def reopen(self, case_id: str, request: ReopenRequest) -> HandoffAccepted:
        """Open a closed case again, with its owner.

        Raises:
            CasesUnavailableError: the cases cannot be reached just now.
            CaseRefusedError: there is no such case, or it may not be reopened.
        """


class HttpCases:
    """The cases of handoff, over its internal API. One session is kept for all calls."""

    def __init__(self, url: str, secret: str | None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self._session: aiohttp.ClientSession | None = None

    async def open(self, request: HandoffRequest) -> HandoffAccepted:
        """See :meth:`CasePort.open`."""
        return await self._post(OPEN_PATH, request, {"Idempotency-Key": request.idempotency_key})

    async def reopen(self, case_id: str, request: ReopenRequest) -> HandoffAccepted:
        """See :meth:`CasePort.reopen`."""
        key = f"{request.message_id}:reopen"
        return await self._post(f"{OPEN_PATH}/{case_id}/reopen", request, {"Idempotency-Key": key})

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, path: str, body: BaseModel, headers: Mapping[str, str]) -> HandoffAccepted:
        session = self._opened()
        try:
            async with session.post(
                f"{self._url}{path}",
                data=body.model_dump_json().encode(),
                headers={**self._headers, **headers, "Content-Type": "application/json"},
            ) as answer:
                content = await answer.read()
                if answer.status in RETRY_STATUSES:
                    raise CasesUnavailableError(f"{path} answered {answer.status}")
                if answer.status >= 400:
                    raise _refusal(answer.status, content)
                return HandoffAccepted.model_validate_json(content)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CasesUnavailableError(f"{path}: {type(error).__name__}") from error
        except ValidationError as error:
            raise CaseRefusedError("bad_answer", f"{path} answered something else than a case") from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        return self._session


class MemoryCases:
    """Cases in memory, with the same promises as the real ones: for tests and for a bot without handoff."""

    def __init__(self) -> None:
        self.requests: list[HandoffRequest] = []
        self.reopened: list[tuple[str, ReopenRequest]] = []
        self._by_key: dict[str, HandoffAccepted] = {}
        self._by_conversation: dict[str, HandoffAccepted] = {}
        self._closed: set[str] = set()

    async def open(self, request: HandoffRequest) -> HandoffAccepted:
        """See :meth:`CasePort.open`."""
        standing = self._by_key.get(request.idempotency_key) or self._by_conversation.get(request.conversation_id)
        if standing is not None:
            return standing.model_copy(update={"created": False})
        number = len(self.requests) + 1
        accepted = HandoffAccepted(
            case_id=f"case-{number}",
            case_number=f"WL-{1000 + number}",
            category=request.decision.category,
            position=number,
            created=True,
        )
        self.requests.append(request)
        self._by_key[request.idempotency_key] = accepted
        self._by_conversation[request.conversation_id] = accepted
        return accepted

    async def reopen(self, case_id: str, request: ReopenRequest) -> HandoffAccepted:
        """See :meth:`CasePort.reopen`."""
        standing = next((case for case in self._by_key.values() if case.case_id == case_id), None)
        if standing is None:
            raise CaseRefusedError("case_not_found", f"there is no case {case_id}")
        if case_id not in self._closed:
            return standing.model_copy(update={"created": False})
        self._closed.discard(case_id)
        self.reopened.append((case_id, request))
        return standing

    def resolve(self, case_id: str) -> None:
        """Close a case, as an agent would."""
        self._closed.add(case_id)
        self._by_conversation = {
            conversation: case for conversation, case in self._by_conversation.items() if case.case_id != case_id
        }


def _refusal(status: int, content: bytes) -> CaseRefusedError:
    try:
        raw: Any = ErrorBody.model_validate_json(content)
        return CaseRefusedError(raw.code, raw.message)
    except ValidationError:
        return CaseRefusedError(f"http_{status}", "refused without a reason")

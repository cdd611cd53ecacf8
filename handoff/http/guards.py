"""What stands before every handler: foreign origins, too many requests, bodies that are not JSON."""

from __future__ import annotations

import hmac
import re
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from handoff.domain.errors import NotFound
from handoff.http.errors import ApiError, parse_json

BODY_BYTES: Final = 64 * 1024
REMEMBERED_CALLERS: Final = 50_000
LITTLE: Final = "return=minimal"
_IDENTIFIER: Final = re.compile("[A-Za-z0-9_-]{1,64}")


class Origins:
    """Which web pages may call: the service's own, and those that the settings name."""

    def __init__(self, public_url: str, allowed: tuple[str, ...]) -> None:
        self._public = _origin_of(public_url)
        self._allowed = frozenset({self._public, *(origin.rstrip("/") for origin in allowed)})

    def check_customer(self, request: web.Request) -> str | None:
        """The origin to name in CORS headers; raises ``ApiError`` for a foreign one. No Origin: not a browser page."""
        origin = request.headers.get("Origin")
        if origin is None or origin in self._allowed or self._is_own(request, origin):
            return origin
        raise ApiError(
            "origin_not_allowed",
            f"Pages of {origin[:200]} may not use this service. Add the origin to WARMLINE_ALLOWED_ORIGINS.",
        )

    def check_agent(self, request: web.Request) -> None:
        """Agents' pages come from this service only; raises ``ApiError`` for any other origin.

        Behind a reverse proxy its address is the public one, whatever ``Host`` the proxy passes on.
        """
        origin = request.headers.get("Origin")
        if origin is not None and origin != self._public and not self._is_own(request, origin):
            raise ApiError(
                "origin_not_allowed",
                f"The desk can be used from its own address only, {self._public}. If that is not the address in the "
                "browser, set WARMLINE_PUBLIC_URL.",
            )

    def _is_own(self, request: web.Request, origin: str) -> bool:
        try:
            return bool(netloc := urlsplit(origin).netloc) and netloc == request.host
        except ValueError:  # "http://[": no browser sends it
            return False


def _origin_of(url: str) -> str:
    """The origin of a page at this address, as browsers write it: in small letters, without the usual port."""
    parts = urlsplit(url.lower())
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"


class RateLimit:
    """At most ``limit`` events of one caller within ``seconds``, counted over a sliding window."""

    def __init__(self, limit: int, seconds: float, monotonic: Callable[[], float]) -> None:
        self._limit = limit
        self._seconds = seconds
        self._monotonic = monotonic
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, caller: str, what: str) -> None:
        """Count one event; raises ``ApiError`` with ``too_many_requests`` when there are too many."""
        now = self._monotonic()
        times = self._seen.setdefault(caller, deque())
        self._seen.move_to_end(caller)
        while times and times[0] <= now - self._seconds:
            times.popleft()
        if len(times) >= self._limit:
            wait = max(1, round(times[0] + self._seconds - now + 0.5))
            raise ApiError(
                "too_many_requests",
                f"Too many {what}: at most {self._limit} in {self._seconds:g} seconds. Try again in {wait} s.",
                retry_after_seconds=wait,
            )
        times.append(now)
        if len(self._seen) > REMEMBERED_CALLERS:
            self._seen.popitem(last=False)

    def take_back(self, caller: str) -> None:
        """Uncount the last event: it was none of those that are limited."""
        if times := self._seen.get(caller):
            times.pop()

    def forget(self, caller: str) -> None:
        """Start counting anew, after a success."""
        self._seen.pop(caller, None)


async def read_body(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; raises ``ApiError`` when it is of another type, too large, or not JSON."""
    if request.content_type != "application/json":
        raise ApiError("unsupported_media_type", "Send the body as Content-Type: application/json.")
    try:
        return parse_json(await request.read())
    except web.RequestPayloadError as error:
        raise ApiError("not_json", "The body cannot be read: its encoding is broken.") from error


def bearer(request: web.Request) -> str | None:
    """The bearer token of a request, if it carries one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def carries(request: web.Request, secret: str) -> bool:
    """Whether a request carries this secret as its bearer; how long the comparison takes tells nothing of it."""
    return hmac.compare_digest((bearer(request) or "").encode(errors="surrogatepass"), secret.encode())


def wants_little(request: web.Request) -> bool:
    """Whether the caller has enough at what a call makes, without the rest as it stands then (RFC 7240)."""
    return any(
        preference.strip().lower() == LITTLE
        for header in request.headers.getall("Prefer", ())
        for preference in header.split(",")
    )


def case_id_of(request: web.Request) -> str:
    """The case that a path names; raises ``NotFound`` for what cannot be an identifier of ours."""
    return identifier_of(request, "case_id", "case")


def identifier_of(request: web.Request, name: str, what: str) -> str:
    """What a path names; raises ``NotFound`` for what cannot be an identifier of ours."""
    found = request.match_info[name]
    if not _IDENTIFIER.fullmatch(found):
        raise NotFound(f"There is no such {what}.")
    return found


def after_parameter(request: web.Request) -> int:
    """The number in ``?after=``, 0 without one; raises ``ApiError`` when it is none."""
    return _message_number(request, "after") or 0


def before_parameter(request: web.Request) -> int | None:
    """The number in ``?before=``, None without one; raises ``ApiError`` when it is none."""
    return _message_number(request, "before")


def _message_number(request: web.Request, name: str) -> int | None:
    raw = request.query.get(name)
    if raw is None:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 9):
        raise ApiError("bad_value", f"{name} must be a message number of 0 or more.", field=name)
    return int(raw)

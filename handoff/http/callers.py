"""From which network address a request comes, also behind reverse proxies, and how often it may try to sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, Self

from aiohttp import web

from handoff.http.guards import RateLimit
from warmline.settings import Network

SIGN_IN_SECONDS: Final = 300.0
FAILURES_OF_ONE_AT_ONE: Final = 5
"""Failed sign-ins with one e-mail from one address."""
FAILURES_FROM_ONE: Final = 20
"""Failed sign-ins from one address, whatever the e-mails: an office shares one."""
FAILURES_OF_ONE: Final = 100
"""Failed sign-ins with one e-mail from anywhere: so many only a crowd of addresses reaches."""
NEIGHBOURS: Final = 64
"""Bits of an IPv6 address that one household or server has to itself."""


class Callers:
    """Knows callers by their addresses. What a header says of them is believed of ``trusted`` proxies alone."""

    def __init__(self, trusted: Iterable[Network] = ()) -> None:
        self._trusted = tuple(trusted)

    def of(self, request: web.Request) -> str:
        """Whom to count a request for: the address that reached the outermost trusted proxy.

        Proxies append to ``X-Forwarded-For``, so it is read from the right, and what stands left of the first address
        that is no proxy of ours anybody may have made up. Of an IPv6 address the network counts.
        """
        nearest = _address(request.remote or "")
        hops = [hop for line in request.headers.getall("X-Forwarded-For", []) for hop in line.split(",")]
        while hops and nearest is not None and self._is_trusted(nearest):
            further = _address(hops.pop())
            if further is None:
                break
            nearest = further
        return "" if nearest is None else _counted_as(nearest)

    def _is_trusted(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _counted_as(address: IPv4Address | IPv6Address) -> str:
    return str(IPv6Network((int(address), NEIGHBOURS), strict=False) if address.version == 6 else address)


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """How often signing in may fail: nobody is locked out by somebody else, and nobody may guess for ever."""

    of_one_at_one: RateLimit
    from_one: RateLimit
    of_one: RateLimit

    @classmethod
    def counted_by(cls, monotonic: Callable[[], float]) -> Self:
        """The limits of production."""
        most = (FAILURES_OF_ONE_AT_ONE, FAILURES_FROM_ONE, FAILURES_OF_ONE)
        return cls(*(RateLimit(limit, SIGN_IN_SECONDS, monotonic) for limit in most))

    def check(self, email: str, caller: str) -> None:
        """Count one attempt, before its password is looked at: many at once must not slip through.

        Raises ``ApiError``. An attempt that the closest limit refuses is not counted by the wider ones.
        """
        for limit, who in self._counted(email, caller):
            limit.check(who, "attempts to sign in")

    def succeeded(self, email: str, caller: str) -> None:
        """That attempt was none that failed."""
        (own, pair), *wider = self._counted(email, caller)
        own.forget(pair)
        for limit, who in wider:
            limit.take_back(who)

    def _counted(self, email: str, caller: str) -> tuple[tuple[RateLimit, str], ...]:
        return (self.of_one_at_one, f"{caller} {email}"), (self.from_one, caller), (self.of_one, email)

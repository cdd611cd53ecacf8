"""What handlers find in the application: typed keys, set once in ``bootstrap``."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from handoff.http.callers import Callers, SignInLimits
from handoff.http.guards import Origins, RateLimit
from handoff.http.tokens import CustomerTokens, SiteIdentities
from handoff.realtime.hub import Hub
from handoff.services.context import Context


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one running service."""

    wired: Context
    """As it was wired at the start; ``context`` is the one to work with."""
    hub: Hub
    tokens: CustomerTokens
    identities: SiteIdentities
    origins: Origins
    callers: Callers
    messages_limit: RateLimit
    begin_limit: RateLimit
    sign_in_limits: SignInLimits
    keys_limit: RateLimit
    internal_secret: str
    metrics_secret: str
    secure_cookies: bool

    @property
    def context(self) -> Context:
        """What the use case of this request works with, under the policy that is in force now."""
        return self.wired.current()


PARTS = web.AppKey("parts", Parts)

"""The stand-in server: the real files under the real Content-Security-Policy, protocols from memory."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from ruamel.yaml import YAML

import handoff
from handoff.http import pages

from .fake_agent import AgentSide
from .fake_customer import CustomerSide, Json, identity_of

WEB = Path(handoff.__file__).parent / "web"
WORDING = Path(handoff.__file__).parent.parent / "data" / "wording" / "notices.yml"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
STYLES = {
    "calm": "",
    "hostile": """
        html { font-size: 62.5%; letter-spacing: 4px; }
        * { display: block !important; float: left !important; color: red !important; font: 30px/3 fantasy !important;
            text-transform: uppercase !important; line-height: 4 !important; border: 9px solid red !important; }
        body > * { position: static !important; visibility: hidden !important; opacity: 0.1 !important;
            z-index: -1 !important; pointer-events: none !important; }
        button, textarea, section { all: unset !important; }
        .panel, .message, .bubble, .launcher, .file { display: none !important; }
    """,
    "themed": """
        warmline-widget { --wl-font: "Courier New", monospace; --wl-radius: 3px; --wl-surface: rgb(250, 240, 230); }
    """,
}
"""Style sheets of websites: one that would break whatever it reaches, and one that themes the widget as documented."""
CUSTOMERS = [
    {"id": "C-1001", "name": "Maya Lind", "tier": "standard"},
    {"id": "C-1002", "name": "Tom Becker", "tier": "plus"},
    {"id": "C-1003", "name": "Priya Shah", "tier": "vip"},
    {"id": "C-1004", "name": "Jonas Weber", "tier": "standard"},
]
ORDERS: list[Json] = [
    {
        "number": "LH-10001",
        "status": "shipped",
        "placed_at": "2026-02-26T09:12:00+00:00",
        "total": "£129.00",
        "items": [{"name": "Robot vacuum Halla 2", "quantity": 1}],
        "delivery": {"carrier": "Parcelwing", "status": "on its way", "expected_on": "2026-03-03"},
    },
    {
        "number": "LH-10002",
        "status": "processing",
        "placed_at": "2026-02-28T18:40:00+00:00",
        "total": "£54.50",
        "items": [{"name": "Desk lamp Arc", "quantity": 1}, {"name": "LED bulb, warm", "quantity": 3}],
        "delivery": None,
    },
    {
        "number": "LH-10003",
        "status": "delivered",
        "placed_at": "2026-02-20T11:00:00+00:00",
        "total": "£39.00",
        "items": [{"name": "Kettle Morrow", "quantity": 1}],
        "delivery": {"carrier": "Parcelwing", "status": "delivered", "delivered_on": "2026-02-25"},
    },
]


@web.middleware
async def strict(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The headers that the real server sends."""
    response = await handler(request)
    if not response.prepared:
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-cache"
        if request.path.startswith(("/widget", "/shared")):
            response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def served_wording() -> Json:
    """What the real server sends as ``wording``: the ``widget`` part of the wording file."""
    return {key: str(text) for key, text in YAML(typ="safe").load(WORDING)["widget"].items()}


class FakeWarmline:
    """Both protocols, the pages and the demo shop; ``url`` once it listens."""

    def __init__(self, wording: Json | None = None) -> None:
        self.customer = CustomerSide(wording or served_wording())
        self.agent = AgentSide()
        self.signed_in: str | None = None
        self.orders = ORDERS
        self.requests: list[str] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listens on a free port of the loopback."""
        app = web.Application(middlewares=[strict])
        app.add_routes([*self.customer.routes(), *self.agent.routes(), *self._pages()])
        app.on_response_prepare.append(self._note)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        """Ends every connection."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _note(self, request: web.Request, _response: web.StreamResponse) -> None:
        self.requests.append(request.path)

    def _pages(self) -> list[web.AbstractRouteDef]:
        return [
            *pages.routes(demo=True),
            web.get("/demo/customers", self._customers),
            web.post("/demo/sign-in", self._sign_in),
            web.delete("/demo/sign-in", self._sign_out),
            web.get("/demo/identity", self._identity),
            web.get("/demo/orders", self._orders),
            web.get("/blank", self._blank),
            web.get("/themed", self._themed),
            web.get("/site/{style}.css", self._style),
            web.get("/elsewhere", self._elsewhere),
        ]

    async def _blank(self, _request: web.Request) -> web.Response:
        """Another website's page: the one script tag, and a policy that allows no style of anybody's."""
        return self._website("")

    async def _elsewhere(self, _request: web.Request) -> web.Response:
        """A page that loads the widget from ``url``; asked for under another host name, it is a foreign origin."""
        text = f'<!doctype html><title>Elsewhere</title><script type="module" src="{self.url}/widget.js"></script>'
        policy = f"default-src 'none'; script-src {self.url}; connect-src {self.url}; img-src 'self'"
        return web.Response(content_type="text/html", text=text, headers={"Content-Security-Policy": policy})

    async def _themed(self, request: web.Request) -> web.Response:
        """A website with an accent of its own, and one of the style sheets in ``STYLES``."""
        attributes = f'data-accent="{request.query["accent"]}" data-position="left" data-label="Help"'
        return self._website(
            attributes, f'<link rel="stylesheet" href="/site/{request.query.get("style", "calm")}.css">'
        )

    async def _style(self, request: web.Request) -> web.Response:
        return web.Response(content_type="text/css", text=STYLES[request.match_info["style"]])

    def _website(self, attributes: str, style: str = "") -> web.Response:
        text = (
            '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A website</title>'
            f"{style}"
            '<link rel="icon" href="data:,"><main><h1>A website of somebody</h1></main>'
            f'<script type="module" src="/widget.js" {attributes}></script>'
        )
        policy = "default-src 'none'; script-src 'self'; connect-src 'self' ws:; img-src data:"
        if style:
            policy += "; style-src 'self'"
        return web.Response(content_type="text/html", text=text, headers={"Content-Security-Policy": policy})

    async def _customers(self, _request: web.Request) -> web.Response:
        return web.json_response({"customers": CUSTOMERS})

    async def _sign_in(self, request: web.Request) -> web.Response:
        self.signed_in = (await request.json())["customer_id"]
        return web.Response(status=204)

    async def _sign_out(self, _request: web.Request) -> web.Response:
        self.signed_in = None
        return web.Response(status=204)

    async def _identity(self, _request: web.Request) -> web.Response:
        if self.signed_in is None:
            return web.Response(status=204)
        return web.json_response({"identity": identity_of(self.signed_in)})

    async def _orders(self, _request: web.Request) -> web.Response:
        return web.json_response({"orders": self.orders if self.signed_in else []})

"""The widget, the desk and the demo shop as files: strict CSP, nothing inline, nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from aiohttp import web

WEB: Final = Path(__file__).parent.parent / "web"
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_TYPES: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}
_EMBEDDABLE: Final = ("/widget", "/shared/")
"""What other websites load: their pages import it as modules, which asks for CORS."""


def routes(*, demo: bool) -> list[web.RouteDef]:
    """The pages and their files; the demo shop only with the demo."""
    found = [
        web.get("/", home),
        web.get("/desk", _page("desk/index.html")),
        web.get("/widget.js", _page("widget/widget.js")),
        web.get("/{folder:widget|desk|board|shared|strings|resume}/{name:.+}", read_file),
    ]
    if demo:
        found += [web.get("/shop", _page("shop/index.html")), web.get("/{folder:shop}/{name:.+}", read_file)]
    return found


async def home(_request: web.Request) -> web.Response:
    """The bare address leads to the desk."""
    return web.Response(status=302, headers={"Location": "/desk"})


def _page(name: str) -> Any:
    async def page(_request: web.Request) -> web.StreamResponse:
        return _file(WEB / name)

    return page


async def read_file(request: web.Request) -> web.StreamResponse:
    """A file of one of the folders; anything else, hidden files and ways out of the folder are not there."""
    folder = (WEB / request.match_info["folder"]).resolve()
    try:
        path = (folder / request.match_info["name"]).resolve()
        served = folder in path.parents and path.suffix in _TYPES and path.is_file()
    except (ValueError, OSError):  # a NUL in the name, or a name that is too long for any file
        served = False
    if not served:
        raise web.HTTPNotFound
    return _file(path)


def _file(path: Path) -> web.StreamResponse:
    kind = _TYPES[path.suffix]
    text = kind.startswith("text/") or kind == "application/json"
    headers = {"Content-Type": f"{kind}; charset=utf-8" if text else kind, "Cache-Control": "no-cache"}
    return web.FileResponse(path, headers=headers)


@web.middleware
async def security_headers_middleware(request: web.Request, handler: Any) -> web.StreamResponse:
    """Headers that every answer carries; files that websites embed may be read by them."""
    response: web.StreamResponse = await handler(request)
    if not response.prepared:
        set_security_headers(request, response)
    return response


def set_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Strict CSP (an answer may have a stricter one), no sniffing, no referrer; CORS for the widget's files alone."""
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers.setdefault("Content-Security-Policy", CSP)
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.path.startswith(_EMBEDDABLE):
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"

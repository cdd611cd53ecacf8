"""The widget, the desk and the demo shop as files: strict CSP, nothing inline, nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from handoff.http import static_files

WEB: Final = Path(__file__).parent.parent / "web"
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_EMBEDDABLE: Final = ("/widget", "/shared/")
"""What other websites load: their pages import it as modules, which asks for CORS."""
JOINED: Final = (WEB / "widget/panel.js", WEB / "widget/panel.css")
"""What opening the widget loads: a customer's browser asks for two files instead of a dozen and a half."""
DESK: Final = WEB / "desk/index.html"
DESK_MODULES: Final = static_files.Preloading(WEB, (WEB / "desk/desk.js", WEB / "desk/cases.js"))
"""What the desk needs to show cases, which is where it begins; the other views are fetched when they are opened."""


def routes(*, demo: bool, as_written: bool = False) -> list[web.RouteDef]:
    """The pages and their files; the demo shop only with the demo. ``as_written``: see ``StaticFiles``."""
    files = static_files.StaticFiles(JOINED, preloading={DESK: DESK_MODULES}, as_written=as_written)

    def send(request: web.Request, path: Path) -> web.Response:
        return static_files.answer(request, files.get(path, squeeze=request.path.startswith(_EMBEDDABLE)))

    def page(path: Path) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            return send(request, path)

        return answer

    async def read_file(request: web.Request) -> web.StreamResponse:
        return send(request, _served_file(request.match_info["folder"], request.match_info["name"]))

    found = [
        web.get("/", home),
        web.get("/desk", page(DESK)),
        web.get("/widget.js", page(WEB / "widget/widget.js")),
        web.get("/{folder:widget|desk|board|shared|strings|resume}/{name:.+}", read_file),
    ]
    if demo:
        found += [web.get("/shop", page(WEB / "shop/index.html")), web.get("/{folder:shop}/{name:.+}", read_file)]
    return found


async def home(_request: web.Request) -> web.Response:
    """The bare address leads to the desk."""
    return web.Response(status=302, headers={"Location": "/desk"})


def _served_file(folder_name: str, name: str) -> Path:
    """A file of one of the folders; anything else, hidden files and ways out of the folder are not there."""
    folder = (WEB / folder_name).resolve()
    try:
        path = (folder / name).resolve()
        served = folder in path.parents and path.suffix in static_files.SUFFIXES and path.is_file()
    except (ValueError, OSError):  # a NUL in the name, or a name that is too long for any file
        served = False
    if not served:
        raise web.HTTPNotFound
    return path


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

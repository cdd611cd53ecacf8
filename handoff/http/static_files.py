"""The files of the pages as they are sent: from memory, packed, and those of the widget without comments and blanks."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Final

import rcssmin
import rjsmin
from aiohttp import ETag, web

from handoff.http.joining import join
from handoff.http.preloading import modules_of, with_preloads
from handoff.http.private_names import shorten

_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json; charset=utf-8",
}
SUFFIXES: Final = frozenset(_TYPES)
_SQUEEZE: Final[Mapping[str, Callable[[str], str]]] = {
    ".js": lambda script: rjsmin.jsmin(shorten(script)),
    ".css": rcssmin.cssmin,
}
_PACKED_ALREADY: Final = ".png"


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file ready to be sent. ``packed`` is ``body`` in gzip, None where packing gains nothing."""

    body: bytes
    packed: bytes | None
    etag: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Preloading:
    """A page asks for these modules, and all that they import, at once; addresses are below ``root``."""

    root: Path
    entries: tuple[Path, ...]


class StaticFiles:
    """Files by path, made ready once for each state of the file on disk: one that was changed is read again."""

    def __init__(
        self,
        joined: Collection[Path] = (),
        *,
        preloading: Mapping[Path, Preloading] = MappingProxyType({}),
        as_written: bool = False,
    ) -> None:
        """``joined`` are sent with all that they import, the pages of ``preloading`` with links to their modules.

        ``as_written`` leaves comments and blanks in, for whoever reads along in the browser's tools.
        """
        self._joined = frozenset(joined)
        self._preloading = preloading
        self._as_written = as_written
        self._known: dict[Path, tuple[tuple[tuple[int, int], ...], tuple[Path, ...], SentFile]] = {}

    def get(self, path: Path, *, squeeze: bool) -> SentFile:
        """The file; with ``squeeze`` scripts and style sheets lose what only people read. Raises ``OSError``."""
        known = self._known.get(path)
        if known is None or known[0] != _state(known[1]):
            body, sources = self._read(path)
            known = self._known[path] = (_state(sources), sources, self._made_ready(path, body, squeeze))
        return known[2]

    def _read(self, path: Path) -> tuple[bytes, tuple[Path, ...]]:
        if path in self._joined:
            joined = join(path)
            return joined.text.encode(), joined.sources
        preloading = self._preloading.get(path)
        if preloading is not None:
            modules = modules_of(preloading.entries)
            page = with_preloads(path.read_text(encoding="utf-8"), modules, preloading.root)
            return page.encode(), (path, *modules)
        return path.read_bytes(), (path,)

    def _made_ready(self, path: Path, body: bytes, squeeze: bool) -> SentFile:
        if squeeze and not self._as_written and path.suffix in _SQUEEZE:
            body = _SQUEEZE[path.suffix](body.decode()).encode()
        packed = None if path.suffix == _PACKED_ALREADY else gzip.compress(body, 9, mtime=0)
        etag = blake2b(body, digest_size=12).hexdigest()
        return SentFile(body, packed, etag, _TYPES[path.suffix])


def _state(sources: tuple[Path, ...]) -> tuple[tuple[int, int], ...]:
    stats = [source.stat() for source in sources]
    return tuple((stat.st_mtime_ns, stat.st_size) for stat in stats)


def answer(request: web.Request, file: SentFile) -> web.Response:
    """The file, packed where the browser takes that; ``304`` where it has this very content already."""
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    tags = request.if_none_match or ()
    if any(tag.value == file.etag for tag in tags):
        unchanged = web.Response(status=304, headers=headers)
        unchanged.etag = ETag(file.etag, is_weak=True)
        return unchanged
    headers["Content-Type"] = file.content_type
    body = file.body
    if file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = file.packed
        headers["Content-Encoding"] = "gzip"
    response = web.Response(body=body, headers=headers)
    # Weak: packed and unpacked are the same content in other bytes.
    response.etag = ETag(file.etag, is_weak=True)
    return response

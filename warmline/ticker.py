"""Progress of a few long steps, told with the standard library alone: one line a step, its time beside it.

On a terminal the line of the running step is rewritten each second; elsewhere (a log, CI) a step prints a
line when it begins and one when it ends.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

TICK_SECONDS: Final = 1.0
Tell = Callable[[str], None]


class Ticker:
    """Prints steps to ``stream``; a quiet one prints nothing."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._quiet = quiet

    def line(self, text: str) -> None:
        """One plain line."""
        if not self._quiet:
            print(text, file=self._stream, flush=True)

    @contextmanager
    def step(self, what: str, seconds: float | None = None) -> Iterator[Tell]:
        """Runs the body as one step that usually takes ``seconds``; the body may tell how far it is."""
        started = time.monotonic()
        usual = f" (about {seconds:.0f} s)" if seconds else ""
        note = ""
        done = threading.Event()

        def tell(text: str) -> None:
            nonlocal note
            note = text

        def rewrite() -> None:
            while not done.wait(TICK_SECONDS):
                elapsed = time.monotonic() - started
                self._write(f"\r\033[K  ... {what}{usual}: {elapsed:.0f} s {note}")

        writer = threading.Thread(target=rewrite, daemon=True)
        if self._live and not self._quiet:
            self._write(f"  ... {what}{usual}")
            writer.start()
        else:
            self.line(f"  ... {what}{usual}")
        mark = "!!"
        try:
            yield tell
            mark = "ok"
        finally:
            done.set()
            if writer.is_alive():
                writer.join()
            clear = "\r\033[K" if self._live else ""
            self.line(f"{clear}  {mark}  {what}: {time.monotonic() - started:.1f} s")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

"""Progress on a terminal with rich: one line a step, live while it runs, its time beside it when it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

Tell = Callable[[str], None]


class Progress:
    """Writes to standard error, so that standard output stays clean for what programs read."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        self._console = console or Console(stderr=True, highlight=False, quiet=quiet)

    def line(self, text: str = "", style: str = "") -> None:
        """One plain line."""
        self._console.print(escape(text), style=style, soft_wrap=True)

    def done(self, what: str, seconds: float | None = None) -> None:
        """A line for something that is done."""
        took = f" [dim]{seconds:.1f} s[/dim]" if seconds is not None else ""
        self._console.print(f"  [green]ok[/green]  {escape(what)}{took}", soft_wrap=True)

    def warn(self, what: str) -> None:
        """A line for something that went wrong and is being mended."""
        self._console.print(f"  [yellow]!![/yellow]  {escape(what)}", soft_wrap=True)

    @contextmanager
    def step(self, what: str, usual: float | None = None) -> Iterator[Tell]:
        """Runs the body as one step that usually takes ``usual`` seconds; the body may tell how far it is."""
        begun = time.monotonic()
        about = f" [dim](about {usual:.0f} s)[/dim]" if usual and usual >= 1 else ""
        base = f"{escape(what)}{about}"
        if not self._console.is_terminal:
            self._console.print(f"  ..  {base}", soft_wrap=True)
        try:
            with self._console.status(base) as status:
                yield lambda text: status.update(f"{base} [dim]{escape(text)}[/dim]")
        except BaseException:
            self._console.print(f"  [red]!![/red]  {escape(what)}", soft_wrap=True)
            raise
        self.done(what, time.monotonic() - begun)

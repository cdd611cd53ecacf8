"""How the command fails: one clear line with what is wrong, one with what mends it, and an exit code."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a calling program may rely on."""

    OK = 0
    FAILED = 1
    """A step failed, or doctor found something broken."""
    USAGE = 2
    """A wrong argument or setting."""
    ALREADY_RUNNING = 3
    """``up`` found Warmline running."""
    INTERRUPTED = 130
    """Ended by Ctrl-C before it was done."""


class CommandError(Exception):
    """Something stands in the way: ``what`` is wrong, and what would ``mend`` it."""

    def __init__(self, what: str, mend: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend
        self.code = code

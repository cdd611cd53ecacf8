"""Which ``warmline up`` runs in this state folder: a lock that dies with it, and a note of its processes."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from warmline.errors import CommandError, ExitCode
from warmline.ports import command_of
from warmline.settings import Settings


@dataclass(frozen=True)
class UpNote:
    """What a running ``up`` leaves for others to read."""

    pid: int
    url: str
    processes: Mapping[str, int]
    """Process ids by name."""


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Holds the lock of this state folder.

    Raises :class:`CommandError` with ``ALREADY_RUNNING`` when another ``up`` holds it.
    """
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    with (settings.var_dir / "up.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note = read_note(settings)
            where = f" at {note.url} (process {note.pid})" if note else ""
            raise CommandError(
                f"Warmline is already running{where}",
                "use that one, or end it with Ctrl-C in its terminal" + (f" or `kill {note.pid}`" if note else ""),
                ExitCode.ALREADY_RUNNING,
            ) from None
        try:
            yield
        finally:
            _note_file(settings).unlink(missing_ok=True)


def write_note(settings: Settings, note: UpNote) -> None:
    """Replaces the note as a whole."""
    file = _note_file(settings)
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(asdict(note)) + "\n", encoding="utf-8")
    draft.replace(file)


def read_note(settings: Settings) -> UpNote | None:
    """The note, or None where there is none that can be read."""
    try:
        content = json.loads(_note_file(settings).read_text(encoding="utf-8"))
        return UpNote(int(content["pid"]), str(content["url"]), dict(content["processes"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def end_leftovers(settings: Settings) -> list[str]:
    """Ends what a killed ``up`` left behind (where the kernel does not); returns the names.

    A process id is used again by the system one day: only one that still leads its process group and whose
    command names one of ours is ended. Call it while holding :func:`only_one`.
    """
    note = read_note(settings)
    ended = []
    for name, pid in (note.processes if note else {}).items():
        with contextlib.suppress(OSError):
            ours = any(word in command_of(pid) for word in ("rasa_server", "actions", "handoff"))
            if ours and os.getpgid(pid) == pid:
                os.killpg(pid, signal.SIGKILL)
                ended.append(name)
    return ended


def _note_file(settings: Settings) -> Path:
    return settings.var_dir / "up.json"

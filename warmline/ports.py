"""Whether a port is free, and who holds it where the system tells."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LISTEN: Final = "0A"
"""The state of a listening socket in ``/proc/net/tcp``."""


@dataclass(frozen=True)
class Owner:
    """The process that listens on a port."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens on ``host``:``port`` now; port 0 always is.

    Raises ``OSError`` where nobody could: the address is not this machine's, or the port is not for everybody.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def find_owner(port: int) -> Owner | None:
    """Who listens on ``port``; None where that cannot be found out."""
    return _owner_from_proc(port) if Path("/proc/net/tcp").exists() else _owner_from_lsof(port)


def _owner_from_proc(port: int) -> Owner | None:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            parts = line.split()
            if parts[3] == LISTEN and int(parts[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{parts[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                return Owner(int(process.name), command_of(int(process.name)))
        except OSError:
            continue  # another user's process, or one that has just ended
    return None


def command_of(pid: int) -> str:
    """The command line of a process, cut to 80 characters; empty when there is no such process."""
    ps = shutil.which("ps")
    if Path(f"/proc/{pid}/cmdline").exists():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    elif ps:
        words = subprocess.run(  # noqa: S603
            [ps, "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
    else:
        words = ""
    return words.strip()[:80]


def _owner_from_lsof(port: int) -> Owner | None:
    lsof = shutil.which("lsof")
    if not lsof:
        return None
    answer = subprocess.run(  # noqa: S603
        [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"], capture_output=True, text=True, check=False
    ).stdout.split()
    return Owner(int(answer[0]), command_of(int(answer[0]))) if answer else None

"""Becomes a supervised process that does not outlive its supervisor: ``child.py SUPERVISOR_PID COMMAND...``.

On Linux the kernel is asked to end this process when its parent dies, whatever kills the parent. Elsewhere
the next ``warmline up`` ends what a killed one left behind. Run by path: imports the standard library only.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Ties this process to the supervisor, then replaces it by the command."""
    supervisor, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        sys.exit("the supervisor died before its process began")
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()

"""Starts Rasa with its HTTP token taken from the environment: ``python warmline/rasa_server.py run ...``.

Rasa takes the token only as an argument, which everybody on the machine can read in the process list. Runs in
Rasa's environment (Python 3.10), by path, and imports nothing of ours.
"""

import os
import runpy
import sys
from pathlib import Path

TOKEN = "WARMLINE_RASA_TOKEN"  # noqa: S105 (the variable's name)


def main() -> None:
    """Becomes ``rasa`` with the arguments given, and the token when there is one."""
    sys.path[0] = str(Path.cwd())  # not this folder, whose modules would hide those of the standard library
    token = os.environ.pop(TOKEN, "")
    # In one word: a token may begin with a dash, and would be taken for an option.
    sys.argv = ["rasa", *sys.argv[1:], *([f"--auth-token={token}"] if token else [])]
    runpy.run_module("rasa", run_name="__main__")


if __name__ == "__main__":
    main()

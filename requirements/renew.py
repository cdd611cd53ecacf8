"""Renews the lock files from their ``.in`` files: ``python requirements/renew.py [package ...]``.

Without arguments every pin that still satisfies the ``.in`` files is kept and only what is missing is added;
a package named is raised to its newest version, and ``--all`` raises everything. Needs ``uv`` on PATH.

Each lock is resolved for Linux and macOS on the Python versions that it serves; a marker is kept only where
the platforms differ. What torch brings on Linux (CUDA libraries) is left out, so that a CPU build stays one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

FOLDER: Final = Path(__file__).resolve().parent
MACHINES: Final = (
    ("linux", "x86_64"),
    ("linux", "aarch64"),
    ("darwin", "x86_64"),
    ("darwin", "arm64"),
)
CUDA: Final = ("nvidia-", "cuda-", "triton")


@dataclass(frozen=True)
class Lock:
    """One lock file: the Python versions that it serves, and the lock that it lies on top of."""

    name: str
    pythons: tuple[str, ...]
    base: str | None = None


LOCKS: Final = (
    Lock("app", ("3.11", "3.12", "3.13")),
    Lock("dev", ("3.11", "3.12", "3.13"), base="app"),
    Lock("bot", ("3.10",)),
    Lock("bot-dev", ("3.10",), base="bot"),
)


def renew(lock: Lock, raised: list[str]) -> None:
    """Writes ``<name>.txt`` anew; raises ``CalledProcessError`` when no versions fit together."""
    target = FOLDER / f"{lock.name}.txt"
    above = int(lock.pythons[-1].partition(".")[2]) + 1
    with tempfile.TemporaryDirectory() as folder:
        limits = ", ".join(
            f"\"sys_platform == '{system}' and platform_machine == '{machine}' and python_full_version < '3.{above}'\""
            for system, machine in MACHINES
        )
        (Path(folder) / "pyproject.toml").write_text(f"[tool.uv]\nenvironments = [{limits}]\n")
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--no-header", "--no-annotate"]
        command += ["--directory", folder, "--python-version", lock.pythons[0]]
        command += ["--output-file", str(target), str(FOLDER / f"{lock.name}.in")]
        if lock.base:
            command += ["--constraints", str(FOLDER / f"{lock.base}.txt")]
        if "--all" in raised:
            command.append("--upgrade")
        command += [part for name in raised if name != "--all" for part in ("--upgrade-package", name)]
        subprocess.run(command, check=True)  # noqa: S603
    lines = [line for line in target.read_text().splitlines() if line and not line.startswith(CUDA)]
    target.write_text("\n".join(plain(line, lock.pythons) for line in lines) + "\n")


def plain(line: str, pythons: tuple[str, ...]) -> str:
    """The pin with the shortest marker that says the same on every machine served."""
    pin = Requirement(line)
    name = f"{pin.name}{pin.specifier}"
    if pin.marker is None:
        return name
    marker = pin.marker
    truths = {
        (system, machine): all(
            marker.evaluate(
                {
                    "sys_platform": system,
                    "platform_system": system.capitalize(),
                    "platform_machine": machine,
                    "python_full_version": f"{python}.9",
                    "python_version": python,
                    "implementation_name": "cpython",
                    "platform_python_implementation": "CPython",
                    "extra": "",
                }
            )
            for python in pythons
        )
        for system, machine in MACHINES
    }
    if all(truths.values()):
        return name
    for system in ("linux", "darwin"):
        if all(truth == (key[0] == system) for key, truth in truths.items()):
            return f"{name} ; sys_platform == '{system}'"
    holds = [key for key, truth in truths.items() if truth]
    if len(holds) == len(MACHINES) - 1:
        system, machine = next(key for key, truth in truths.items() if not truth)
        return f"{name} ; sys_platform != '{system}' or platform_machine != '{machine}'"
    return f"{name} ; " + " or ".join(
        f"sys_platform == '{system}' and platform_machine == '{machine}'" for system, machine in holds
    )


if __name__ == "__main__":
    for entry in LOCKS:
        print(f"{entry.name}.txt")
        renew(entry, sys.argv[1:])

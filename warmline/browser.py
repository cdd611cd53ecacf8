"""Finds a Chromium on this machine, for the browser tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

OVERRIDE: Final = "WARMLINE_BROWSER"
"""Environment variable that names the browser to use."""
SHELLS: Final = ("chromium-headless-shell", "chrome-headless-shell")
"""Chromium without its windows: the same pages on the same engine, for half of the processor's time."""
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES: Final = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PLAYWRIGHT_SHELLS: Final = (
    "chromium_headless_shell-*/chrome-headless-shell-*/chrome-headless-shell",
    "chromium_headless_shell-*/chrome-*/headless_shell",
)
PLAYWRIGHT_PATTERNS: Final = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
)
HOW_TO_GET_ONE: Final = (
    "install one (`sudo apt-get install chromium`, `brew install --cask chromium`, or "
    "`.venv/app/bin/python -m playwright install chromium`), or name it: WARMLINE_BROWSER=/path/to/chromium"
)


def find_chromium(environment: Mapping[str, str] | None = None) -> Path | None:
    """A Chromium or Chrome: named by ``WARMLINE_BROWSER``, on PATH, in a usual place, or Playwright's own."""
    environment = os.environ if environment is None else environment
    named = environment.get(OVERRIDE)
    if named:
        return Path(named) if os.access(named, os.X_OK) else None
    return (
        _on_path(NAMES, environment)
        or next((place for place in map(Path, PLACES) if place.exists()), None)
        or _of_playwright(PLAYWRIGHT_PATTERNS, environment)
    )


def find_for_tests(environment: Mapping[str, str] | None = None) -> Path | None:
    """What the browser tests drive: the one named, else a headless shell where there is one, else any Chromium.

    With every context a whole Chromium opens a window that nobody sees, with its bars and menus.
    """
    environment = os.environ if environment is None else environment
    shell = None
    if not environment.get(OVERRIDE):
        shell = _on_path(SHELLS, environment) or _of_playwright(PLAYWRIGHT_SHELLS, environment)
    return shell or find_chromium(environment)


def _on_path(names: Sequence[str], environment: Mapping[str, str]) -> Path | None:
    found = (shutil.which(name, path=environment.get("PATH")) for name in names)
    return next((Path(path) for path in found if path), None)


def _of_playwright(patterns: Sequence[str], environment: Mapping[str, str]) -> Path | None:
    own = environment.get("PLAYWRIGHT_BROWSERS_PATH")
    caches = (
        [Path(own)] if own else [Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright"]
    )
    for cache in caches:
        for pattern in patterns:
            installed = sorted(cache.glob(pattern))
            if installed:
                return installed[-1]
    return None

"""Finds a Chromium that is already on this machine, for every test that drives a page."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
_MAC: Final = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)

# A browser under test talks to the page and to nobody else; as root (containers) Chromium refuses its sandbox.
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--metrics-recording-only",
)


def find_browser() -> str | None:
    """The path of an installed Chromium-like browser, ``WARMLINE_BROWSER`` first, or None."""
    named = os.environ.get("WARMLINE_BROWSER")
    if named:
        return named
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return found
    own = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return next((path for path in (*_MAC, *map(str, own)) if Path(path).exists()), None)


def require_browser() -> str:
    """The browser's path; without one the test is skipped loudly, or fails where ``WARMLINE_REQUIRE_BROWSER`` is 1."""
    found = find_browser()
    if found is not None:
        return found
    message = (
        "NO BROWSER: this test drives a real Chromium and found none. Install Chromium or Chrome, "
        "run `playwright install chromium`, or set WARMLINE_BROWSER to its path."
    )
    if os.environ.get("WARMLINE_REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)

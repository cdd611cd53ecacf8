"""The browser of the tests: a Chromium that is on this machine, or a loud word that there is none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from warmline.browser import HOW_TO_GET_ONE, find_for_tests

ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--metrics-recording-only",
)
"""The browser talks to the page under test and to nobody else; as root Chromium refuses its own sandbox."""


def require_chromium() -> Path:
    """The browser's path. Without one the test is skipped loudly, or fails where ``WARMLINE_REQUIRE_BROWSER`` is 1."""
    found = find_for_tests()
    if found is not None:
        return found
    message = f"NO BROWSER: this test drives a real Chromium and found none; {HOW_TO_GET_ONE}"
    if os.environ.get("WARMLINE_REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)

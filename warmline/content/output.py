"""What the commands print for people and for programs."""

from __future__ import annotations

import json
from typing import Any, Final

from rich.console import Console

out: Final = Console(highlight=False, soft_wrap=True)
"""Standard output; colours only where it is a terminal."""


def print_json(content: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    print(json.dumps(content, indent=2, ensure_ascii=False))

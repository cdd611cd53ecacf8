"""What every test finds: a scrubbed environment, YAML that is parsed once, and the longest files at the front.

Also read in Rasa's environment, so only what both have.
"""

import os
import pickle
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

for _name in [name for name in os.environ if name.startswith("WARMLINE_")]:
    if _name not in ("WARMLINE_BROWSER", "WARMLINE_REQUIRE_BROWSER", "WARMLINE_PYTHON310"):
        del os.environ[_name]

LONGEST_FIRST = (
    "warmline/content/test_walk_through.py",
    "data/test_second_requests.py",
    "web/test_desk.py",
    "warmline/content/test_proposals.py",
    "web/test_board.py",
    "warmline/content/test_commands.py",
    "handoff/test_fuzz.py",
    "web/test_screens.py",
    "web/test_accessibility.py",
)
"""Files that take half a minute and more. Begun last, one of them would keep one process busy and the others idle."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files at the front; each test keeps its place within its file."""
    here = Path(__file__).parent
    turn = {here / name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: turn.get(item.path, len(turn)))


_parse = YAML.load
_parsed: dict[tuple[str, bool], bytes] = {}


def _load(self: YAML, stream: Any) -> Any:
    """The content of a text, parsed when it is first met: the shipped wording alone takes a second, and hundreds of
    tests read it. Everybody gets a copy of their own. What keeps its comments is left alone."""
    text = stream.read_text(encoding="utf-8") if isinstance(stream, Path) else stream
    if self.typ != ["safe"] or not isinstance(text, str):
        return _parse(self, stream)
    key = (text, self.pure)
    if key not in _parsed:
        _parsed[key] = pickle.dumps(_parse(self, text))
    return pickle.loads(_parsed[key])


if find_spec("rasa") is None:  # Rasa puts values of the environment into what it reads
    YAML.load = _load

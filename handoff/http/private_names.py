"""Private names of classes made short on their way to a browser: nobody but the class can tell the difference.

Each name of a class is said dozens of times, and packing does not make that free: a widget that calls them ``#a``,
``#b`` weighs fifty parts in a thousand less. Whoever reads along gets them whole (``WARMLINE_FILES_AS_WRITTEN``).
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import count
from typing import Final

_CLASS: Final = re.compile(r"^(?:export )?class .*?^}$", re.MULTILINE | re.DOTALL)
_NAME: Final = re.compile(r"(?<=\.)#(\w+)|^(  (?:async |get )?)#(\w+)", re.MULTILINE)
"""Where one is used, and where it is declared: at the beginning of a line, two blanks in, as we write."""
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def shorten(script: str) -> str:
    """The script with other private names; strings such as ``"#title"`` and colours stay as they are."""
    return _CLASS.sub(lambda found: _shorten_class(found[0]), script)


def _shorten_class(text: str) -> str:
    declared = {found[3] for found in _NAME.finditer(text) if found[3]}
    said = Counter(found[1] or found[3] for found in _NAME.finditer(text))
    # The oftener the earlier: the classes' letters are alike then, which packs best.
    short = dict(zip((name for name, _ in said.most_common() if name in declared), map(_spelt, count()), strict=False))

    def replace(found: re.Match[str]) -> str:
        name = found[1] or found[3]
        return f"{found[2] or ''}#{short.get(name, name)}"

    return _NAME.sub(replace, text)


def _spelt(number: int) -> str:
    more, last = divmod(number, len(_LETTERS))
    return (_spelt(more - 1) if more else "") + _LETTERS[last]

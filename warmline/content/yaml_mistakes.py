"""The usual mistakes in YAML in words that help: where a parser speaks of tokens and keys, this speaks of spaces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_TAB: Final = re.compile(r"^ *\t")
_COLON: Final = re.compile(r"^\s*(?:- )?[\w/.-]+: +[^\"'|>&*\[{#\s].*: ")
_NO_SPACE: Final = re.compile(r"^(?P<before>\s*(?:- )?(?:intent|rule|action|text|title|payload|examples)):(?=[^\s/])")
_OPEN: Final = re.compile(r"^\s*(?:- )?(?:[\w/.-]+: +)?\"(?:[^\"\\]|\\.)*$")
_BLOCK: Final = re.compile(r"[|>][-+]?\d*\s*$")
_MERGED: Final = re.compile(r"^(?:<<<<<<<|=======|>>>>>>>)(?: |$)")
_OTHER_SPACE: Final = re.compile(r"^[ -]*(?:[\w/.-]+:)?[\u00a0\u2000-\u200b\u202f\u3000]")
_CURLY: Final = re.compile(r"^\s*(?:- )?(?:[\w/.-]+: +)?[“”„‟«»‘’]")
LOOKED_BACK: Final = 12
"""Lines above the place that the parser names in which a quote may have been left open."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong at ``line`` (from 1), and how to ``mend`` it."""

    line: int
    what: str
    mend: str


def recognise(text: str, line: int) -> Mistake | None:
    """The mistake behind a parser's complaint about ``line``, if it is one of the usual ones."""
    lines = text.splitlines()
    near = [number for number in (line, line - 1) if 0 < number <= len(lines)]
    for number in range(max(1, line - LOOKED_BACK), min(line + LOOKED_BACK, len(lines)) + 1):
        if _MERGED.match(lines[number - 1]):
            what = "two versions of this file were put together here, and nobody has chosen yet"
            mend = "keep one of the two, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>"
            return Mistake(number, what, mend)
    for number in range(min(line, len(lines)), 0, -1):
        # What follows such a line may read on for long before the parser stumbles.
        if _OTHER_SPACE.match(lines[number - 1]):
            what = "a space of another kind stands here, as text copied from a website or Word has it"
            return Mistake(number, what, "delete it, and type ordinary spaces, as many as in the line above")
    for number in near:
        if _TAB.match(lines[number - 1]):
            return Mistake(number, "a tab stands before the text", "replace it by spaces, as many as in the line above")
    for number in near:
        if found := _NO_SPACE.match(lines[number - 1]):
            what = f"a space is missing behind `{found['before'].strip()}:`"
            return Mistake(number, what, "put one space behind the colon")
        if _CURLY.match(lines[number - 1]):
            what = "the text begins with a curved quote, which is a letter like any other here"
            return Mistake(number, what, 'put straight quotes around it, as on the keyboard: "..."')
        if _COLON.match(lines[number - 1]):
            what = "a text with a colon in it is not in quotes"
            return Mistake(number, what, 'put the whole text in quotes: `text: "Note: ..."`')
    for number in range(min(line, len(lines)), max(0, line - LOOKED_BACK), -1):
        if _OPEN.match(lines[number - 1]):
            return Mistake(number, "a quote is opened here and never closed", 'put a " at the end of the text')
    return _indented(lines, line)


def _indented(lines: list[str], line: int) -> Mistake | None:
    """A line that begins further left than what it belongs to. The parser may name the line behind it."""
    for number in (line, line - 1, line - 2):
        if not 1 < number <= len(lines) or not lines[number - 1].strip():
            continue
        said, here = lines[number - 1], _spaces(lines[number - 1])
        above = next((one for one in reversed(lines[: number - 1]) if one.strip()), "")
        belongs = _spaces(above) + (_below_bar(above) if _BLOCK.search(above) else 0)
        listed = said.lstrip().startswith("- ") == above.lstrip().startswith("- ") or _BLOCK.search(above) is not None
        if here < belongs and listed and not said.rstrip().endswith(":"):
            what = f"this line begins with {_count(here)}, where {belongs} would fit the line above"
            return Mistake(number, what, f"put {belongs} spaces before it")
    return None


def _below_bar(line: str) -> int:
    """By how much further the text below ``examples: |`` or ``- text: |-`` begins."""
    return 4 if line.lstrip().startswith("- ") else 2


def _spaces(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _count(spaces: int) -> str:
    return {0: "no space", 1: "one space"}.get(spaces, f"{spaces} spaces")

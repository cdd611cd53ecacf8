"""What is wrong with a broken policy file, in words for who edits it: a parser speaks of tokens and scalars."""

from __future__ import annotations

import re
from typing import Any, Final

from ruamel.yaml.error import MarkedYAMLError

from warmline.plain_words import plain_words

_UNLIKE_SPACES: Final = re.compile("[\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]")
"""Blanks that come with text copied from a page or a document, and that are none to YAML."""
_IN_BRACKETS: Final = (
    "a bracket or a quotation mark is not closed, or a comma is missing, here or in the lines above; a text with an"
    ' apostrophe, a comma or a colon needs "double quotes"'
)
_PARSER: Final = (
    (r"found character '\\t'", "a tab stands here; part and indent with spaces alone"),
    (r"found character '(.+)' that cannot", "a text must not begin with {0}; put it in quotes"),
    (r"found duplicate key \"(.+?)\"", "{0} stands here twice; remove one of them"),
    (r"found undefined alias '(.+)'", "*{0} takes over what no &{0} above it states; check the spelling of both"),
    (r"expected ',' or", _IN_BRACKETS),
    (
        r"mapping values are not allowed here",
        "a colon stands where none can be: this line or the one above is indented wrongly or lacks its own colon, or a"
        " text with a colon needs quotes",
    ),
    (
        r"expected <block end>",
        "this does not belong to the line above; check the indentation, and whether a bracket or a quotation mark is"
        " closed too early there",
    ),
    (r"could not find expected ':'", "a line here is no `name: value`; add its colon, or remove it"),
    (r"found unexpected end of stream", "a quotation mark is opened and never closed; put one at the end of the text"),
    (r"another document", "a line of dashes (---) begins another file here; remove it and what follows"),
    (r"found unknown escape character", "write \\\\ for a backslash in double quotes, or use 'single quotes'"),
)
_DECIMAL_COMMA: Final = re.compile(r"\d+,\d+")
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?) ?%")
_POUNDS: Final = re.compile(r"[£$€] ?(\d[\d.]*)|(\d[\d.]*) ?(?:[£$€]|GBP|EUR|USD)")
LONGEST_SHOWN: Final = 60


def line_and_words(error: MarkedYAMLError, text: str) -> tuple[int, str]:
    """The line (from 1) at which the parser gave up, and what is wrong there with its remedy."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else 1
    lines = text.splitlines()
    for number in (line, line - 1):
        if 0 < number <= len(lines) and _UNLIKE_SPACES.search(lines[number - 1].partition("#")[0]):
            return number, "a blank here is no space (it came with copied text); delete it and type a space"
    return line, _words(str(error.problem or "")) + _begun(error, line)


def wrong_value(found: Any) -> str:
    """One of the ``errors()`` of pydantic's, with what stands in the file and, for a number, how it is written."""
    given = found.get("input")
    shown = "nothing" if given is None else repr(given)
    shown = shown if len(shown) <= LONGEST_SHOWN else f"{shown[: LONGEST_SHOWN - 3]}..."
    hint = _as_number(given) if found["type"] in {"float_parsing", "int_parsing"} and isinstance(given, str) else None
    return f"{plain_words(found)}{f'; write {hint}' if hint else ''} (found {shown})"


def _words(problem: str) -> str:
    for pattern, words in _PARSER:
        if match := re.search(pattern, problem):
            return words.format(*match.groups())
    return f"{problem or 'not YAML'}; check the indentation, the colons and the quotes around this line"


def _begun(error: MarkedYAMLError, line: int) -> str:
    """Where the bracket, the text or the part begins that does not end well, if that is another line."""
    context = error.context_mark
    within = str(error.context or "")
    if context is None or context.line + 1 >= line or not re.search("flow|quoted", within):
        return ""
    return f" (what is open begins in line {context.line + 1})"


def _as_number(text: str) -> str | None:
    plain = text.strip()
    if _DECIMAL_COMMA.fullmatch(plain):
        return plain.replace(",", ".")
    if match := _PERCENT.fullmatch(plain):
        return f"{float(match[1]) / 100:g}"
    if match := _POUNDS.fullmatch(plain):
        return f"{match[1] or match[2]}, without a sign"
    return None

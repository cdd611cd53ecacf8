"""Words in braces in the answers: each must be one that is filled in, or the customer reads the braces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from warmline.content.corpus import Answer, Corpus
from warmline.content.findings import Finding, Severity
from warmline.content.links import Domain, near_name, program_texts

KIND: Final = "braces"
IN_BRACES: Final = re.compile(r"\{([^\n{}]*)\}")
HANDED_OVER: Final = re.compile(r'\b(?P<named>[a-z_]\w*)=|"(?P<quoted>[a-z_]\w*)"')
"""Names that an action may hand over with a response: its keywords, and the keys of what it gathers."""
MEANT: Final = "if the braces are meant as they stand, write round brackets"


def check_placeholders(corpus: Corpus, domain: Domain, actions_dir: Path) -> Iterator[Finding]:
    """Names in braces that nothing fills in, and braces that hold no name."""
    handed = {
        found["named"] or found["quoted"] for text in program_texts(actions_dir) for found in HANDED_OVER.finditer(text)
    }
    for answer in corpus.answers:
        # What an FAQ answers no action says: only what the assistant remembers can stand in it.
        known = frozenset(domain.slots) | (frozenset() if answer.label else handed)
        for text in answer.texts:
            yield from _of_text(text, answer, known)


def _of_text(text: str, answer: Answer, known: frozenset[str]) -> Iterator[Finding]:
    place = answer.place
    for found in IN_BRACES.finditer(text):
        if found[1] not in known:
            what = f"{answer.name} says {found.group()}, and nothing fills that in: the customer would read the braces"
            yield Finding(place.file, place.line, what, f"{near_name(found[1], known)}; {MEANT}", kind=KIND)
    if re.search(r"[{}]", IN_BRACES.sub("", text)):
        what = f"{answer.name} has a brace without its other half: {_around(IN_BRACES.sub('', text))}"
        yield Finding(place.file, place.line, what, f"close it, or take it out; {MEANT}", Severity.WARNING, KIND)


def _around(text: str) -> str:
    at = re.search(r"[{}]", text)
    begin = max(at.start() - 15, 0) if at else 0
    return repr(" ".join(text[begin : begin + 31].split()))

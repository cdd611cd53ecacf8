"""Reading the escalation policy: every error says the file, the line, what is wrong and how to mend it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from warmline.policy.mistakes import line_and_words, wrong_value
from warmline.policy.model import EscalationPolicy, cross_checks

VERSION_LENGTH: Final = 12
MOST_PARTS: Final = 50_000
"""Parts of a policy with every alias written out; the shipped one has some 2,000."""
_REMEDIES: Final = {
    "missing": "this key is missing; add it",
    "extra_forbidden": (
        "this key is not known here; check its spelling and its indentation, or remove it"
        " (inside braces a text with a comma needs quotes)"
    ),
}


@dataclass(frozen=True)
class PolicyProblem:
    """One thing wrong with the policy file; ``line`` counts from 1."""

    line: int
    where: str
    what: str


class PolicyError(ValueError):
    """The policy cannot be used; ``problems`` says why, line by line."""

    def __init__(self, path: Path, problems: Sequence[PolicyProblem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{path}, line {p.line}: {p.where}: {p.what}" for p in problems))


def load_policy(path: Path) -> EscalationPolicy:
    """Read, check and return the policy at ``path``.

    Raises:
        PolicyError: when the file cannot be read, is no YAML, or says something that cannot be meant.
    """
    return parse_policy(path, read_policy(path))


def read_policy(path: Path) -> bytes:
    """Return the file's content as it stands.

    Raises:
        PolicyError: when it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        what = f"cannot be read ({error.strerror}); put the escalation policy there"
        raise PolicyError(path, [PolicyProblem(1, "file", what)]) from error


def version_of(content: bytes) -> str:
    """Return the version under which a policy file of this content is known: a short hash of it."""
    return hashlib.sha256(content).hexdigest()[:VERSION_LENGTH]


@lru_cache(maxsize=8)
def parse_policy(path: Path, content: bytes) -> EscalationPolicy:
    """Check the content of the file at ``path`` and return the policy that it states.

    Remembered for each content: several parts of one command ask for it, and reading takes half a second.

    Raises:
        PolicyError: when it is no YAML, or says something that cannot be meant.
    """
    document = _parse(path, content)
    try:
        policy = EscalationPolicy.model_validate({**_plain(document), "version": version_of(content)})
        wrong = cross_checks(policy)
    except ValidationError as error:
        problems = [
            PolicyProblem(
                _line_of(document, found["loc"]),
                _dotted(found["loc"]),
                _REMEDIES.get(found["type"], wrong_value(found)),
            )
            for found in error.errors(include_url=False)
        ]
        raise PolicyError(path, _each_once(problems)) from error
    except Exception as error:
        # A slip that no check foresees is still a broken edit, and told as one: what runs goes on without it.
        what = f"cannot be checked ({type(error).__name__}: {error}); take the last change back"
        raise PolicyError(path, [PolicyProblem(1, "file", what)]) from error
    if wrong:
        raise PolicyError(
            path, [PolicyProblem(_line_of(document, where), _dotted(where), what) for where, what in wrong]
        )
    return policy


def lines_of(path: Path, content: bytes) -> Callable[[Sequence[Any]], int]:
    """Return what finds the line (from 1) of a part of the file, named by its keys and positions from the top.

    A part that the file does not have gets the line of the nearest part around it.

    Raises:
        PolicyError: when the content is no YAML.
    """
    document = _parse(path, content)
    return lambda where: _line_of(document, where)


class _DatesAsText(RoundTripConstructor):
    """Leaves dates as they are written: one that is none is then told with its line, like every other mistake."""


_DatesAsText.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


def _parse(path: Path, content: bytes) -> CommentedMap:
    try:
        yaml = YAML(typ="rt")
        yaml.Constructor = _DatesAsText
        document = yaml.load(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PolicyError(path, [PolicyProblem(line, "file", "is not UTF-8; save it as UTF-8")]) from error
    except MarkedYAMLError as error:
        line, what = line_and_words(error, content.decode("utf-8"))
        raise PolicyError(path, [PolicyProblem(line, "YAML", what)]) from error
    except (YAMLError, ValueError) as error:
        raise PolicyError(path, [PolicyProblem(1, "YAML", str(error))]) from error
    except RecursionError as error:
        raise PolicyError(path, [PolicyProblem(1, "YAML", "is nested too deeply; check the brackets")]) from error
    if not isinstance(document, CommentedMap):
        raise PolicyError(path, [PolicyProblem(1, "file", "is empty or no mapping; start from the shipped policy")])
    if _parts(document, {}) > MOST_PARTS:
        what = f"has more than {MOST_PARTS:,} parts once its aliases (*name) are written out; use fewer"
        raise PolicyError(path, [PolicyProblem(1, "YAML", what)])
    return document


def _each_once(problems: Sequence[PolicyProblem]) -> list[PolicyProblem]:
    """One problem for each mistake: what stands once and is taken over elsewhere with ``*name`` is wrong once."""
    first: dict[tuple[int, str, str], PolicyProblem] = {}
    for found in problems:
        first.setdefault((found.line, found.where.rpartition(".")[2], found.what), found)
    return list(first.values())


def _parts(node: Any, counted: dict[int, float]) -> float:
    """Return of how many parts a document is with its aliases written out; one that holds itself never ends."""
    if not isinstance(node, (dict, list)):
        return 1
    if id(node) not in counted:
        counted[id(node)] = inf
        inside = node.values() if isinstance(node, dict) else node
        counted[id(node)] = 1 + sum(_parts(part, counted) for part in inside)
    return counted[id(node)]


def _plain(node: Any) -> Any:
    """Copy ruamel's annotated containers to plain ones."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node


def _line_of(document: Any, where: Sequence[Any]) -> int:
    """Return the line (from 1) of the deepest part of ``where`` that the file has."""
    line, node = 0, document
    for step in where:
        try:
            if isinstance(node, CommentedMap):
                key = step if step in node else next(key for key in node if str(key) == str(step))
                line, node = node.lc.key(key)[0], node[key]
            elif isinstance(node, CommentedSeq):
                line, node = node.lc.item(step)[0], node[step]
            else:
                break
        except (KeyError, IndexError, StopIteration, TypeError):
            break
    return int(line) + 1


def _dotted(where: Sequence[Any]) -> str:
    return ".".join(str(step) for step in where if step != "[key]") or "file"

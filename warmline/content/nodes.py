"""YAML with its lines: the nodes of a file, and short ways to walk them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from warmline.content.yaml_mistakes import recognise

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnreadableError(Exception):
    """A file is no YAML that begins with keys: ``what`` is wrong at ``line`` (from 1), and how to ``mend`` it."""

    def __init__(self, line: int, what: str, mend: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line, self.what, self.mend = line, what, mend


def compose(path: Path) -> yaml.MappingNode | None:
    """The file's mapping with the lines of all its parts; None for an empty file.

    Raises:
        UnreadableError: it is missing, not UTF-8, not YAML, or no mapping.
    """
    try:
        root = _root_of(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UnreadableError(1, "the file is missing", "restore it from the repository") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        mend = "save the file as UTF-8 (your editor's `Save as` has a field for the encoding)"
        raise UnreadableError(line, "a letter here is not in UTF-8", mend) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        mistake = recognise(path.read_text(encoding="utf-8"), mark.line + 1 if mark else 1)
        if mistake is not None:
            raise UnreadableError(mistake.line, mistake.what, mistake.mend) from error
        said = " ".join(filter(None, (error.problem, error.context)))
        mend = "look at the spaces, the colons and the quotes of this line and the one above"
        raise UnreadableError(mark.line + 1 if mark else 1, f"not YAML: {said}", mend) from error
    except yaml.reader.ReaderError as error:
        line = path.read_text(encoding="utf-8")[: error.position].count("\n") + 1
        what = "a character here cannot be shown, and does not belong into a text"
        raise UnreadableError(line, what, "write this line again") from error
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise UnreadableError(1, f"not YAML: {said}", "delete what is no plain text") from error
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise UnreadableError(1, "must begin with keys such as `nlu:` or `rules:`", "compare with the other files")
    return root


@lru_cache(maxsize=256)
def _root_of(text: str) -> yaml.Node | None:
    """Remembered for each text: every check walks the same files, and nobody changes a node."""
    root: yaml.Node | None = yaml.compose(text, Loader=LOADER)
    return root


def load_yaml(text: str | bytes) -> Any:
    """The content of a YAML text. Raises :class:`yaml.YAMLError`."""
    return yaml.load(text, Loader=LOADER)  # noqa: S506 (a safe loader)


def pairs(node: yaml.Node | None) -> Iterable[tuple[yaml.Node, yaml.Node]]:
    """Keys and values of a mapping; nothing for any other node."""
    return node.value if isinstance(node, yaml.MappingNode) else ()


def items(node: yaml.Node | None) -> Iterable[yaml.Node]:
    """The members of a list; nothing for any other node."""
    return node.value if isinstance(node, yaml.SequenceNode) else ()


def fields(node: yaml.Node | None) -> Mapping[str, yaml.Node]:
    """The values of a mapping by their keys; empty for any other node."""
    return {plain(key): value for key, value in pairs(node)}


def plain(node: yaml.Node | None) -> str:
    """The text of a scalar as it was written; empty for any other node."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def line_of(node: yaml.Node) -> int:
    """The line of a node, from 1."""
    return int(node.start_mark.line) + 1


def find(root: yaml.Node | None, path: Iterable[str]) -> yaml.Node | None:
    """The deepest node along a path of keys and list positions, or as far as the file has it."""
    node = root
    for step in path:
        below: yaml.Node | None = fields(node).get(step)
        if below is None and isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
            below = node.value[int(step)]
        if below is None:
            return node
        node = below
    return node

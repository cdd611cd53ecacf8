"""Where in the content files something stands, and what to say when it does not or the file cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from warmline.content.findings import shown
from warmline.content.names import did_you_mean
from warmline.content.nodes import UnreadableError, compose, fields, items, plain
from warmline.content.schema import training_files
from warmline.errors import CommandError, ExitCode


def file_of(data_dir: Path, label: str) -> Path:
    """The file in which a label's examples stand. Raises :class:`CommandError` when there is none."""
    labels = []
    for file, entries in sections(data_dir, "nlu"):
        for entry in items(entries):
            if plain(fields(entry).get("intent")) == label:
                return file
            labels.append(plain(fields(entry).get("intent")))
    near = did_you_mean(label, filter(None, labels))
    mend = "`warmline content list` shows all; a new FAQ is made by `add` with --answer or by `accept`"
    raise usage(f"there is no intent or FAQ {label}", f"{near} {mend}".strip())


def is_there(data_dir: Path, label: str) -> bool:
    """Whether there is such an intent or FAQ. Raises :class:`CommandError` when a file that may hold it is broken."""
    return any(
        plain(fields(entry).get("intent")) == label
        for _, entries in sections(data_dir, "nlu")
        for entry in items(entries)
    )


def sections(data_dir: Path, key: str) -> Iterator[tuple[Path, yaml.Node | None]]:
    """A section of each training file that can be read.

    Raises:
        CommandError: at the end, for who has not found what they want by then: of the first file that cannot be read.
    """
    broken: Path | None = None
    for file in training_files(data_dir):
        try:
            root = compose(file)
        except UnreadableError:
            broken = broken or file
            continue
        yield file, fields(root).get(key)
    if broken is not None:
        readable(broken)


def readable(file: Path) -> yaml.MappingNode | None:
    """The file's mapping. Raises :class:`CommandError` when it cannot be read."""
    try:
        return compose(file)
    except UnreadableError as error:
        what = f"{shown(file)}:{error.line}: {error.what}"
        raise CommandError(what, f"{error.mend}; then run the command again") from error


def blocks_of(file: Path, label: str) -> list[yaml.ScalarNode]:
    """The examples of a label, which may stand in several places of its file."""
    found = []
    for entry in items(fields(compose(file)).get("nlu")):
        block = fields(entry).get("examples")
        if plain(fields(entry).get("intent")) == label and isinstance(block, yaml.ScalarNode) and block.style == "|":
            found.append(block)
    if found:
        return found
    raise usage(f"the examples of {label} do not stand under `examples: |`", f"write them so in {file.name}")


def block_lines(block: yaml.ScalarNode, lines: Sequence[str]) -> tuple[int, int]:
    """First and last line of a block's text, from 0, blank lines at its end left out."""
    first = block.start_mark.line + 1
    last = first + len(block.value.splitlines()) - 1
    while last > first and not lines[last].strip():
        last -= 1
    return first, last


def usage(what: str, mend: str) -> CommandError:
    """The error of who asked for what cannot be done."""
    return CommandError(what, mend, ExitCode.USAGE)

"""Changes the content files line by line: what is not changed stays byte for byte, comments and order included.

Where to change is read from the places that YAML itself reports; a change is written only after the file was read again
and says what was wanted and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from warmline.content.corpus import FAQ_PREFIX, UTTER, normalised, without_marks
from warmline.content.names import did_you_mean
from warmline.content.nodes import fields, items, load_yaml, pairs, plain
from warmline.content.places import block_lines, blocks_of, file_of, readable, sections, usage
from warmline.errors import CommandError

KEY: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")


@dataclass(frozen=True)
class Change:
    """A file before and after; nothing is written yet."""

    file: Path
    before: str
    after: str
    line: int
    """The first line that differs, from 1."""

    def write(self) -> None:
        """Puts the new text in place of the old one, at once for whoever reads it."""
        replace_file(self.file, self.after)

    def take_back(self) -> None:
        """Puts the old text back."""
        replace_file(self.file, self.before)


def add_examples(data_dir: Path, label: str, texts: Sequence[str]) -> Change:
    """Examples under an entry that there is; those that stand there already are left out.

    Raises :class:`CommandError` when there is no such entry, or nothing is left to add.
    """
    file = file_of(data_dir, label)
    blocks = blocks_of(file, label)
    block = blocks[0]
    known = {_same(_example(line)) for one in blocks for line in one.value.splitlines()}
    given = list(filter(None, dict.fromkeys(clean(text) for text in texts)))
    if not given:
        raise usage("an example needs words", "write what a customer would, in quotes")
    new = [text for text in given if _same(text) not in known]
    if not new:
        raise usage(f"{label} has all of these examples already", "give another wording")
    text = _read(file)
    lines = text.splitlines(keepends=True)
    first, last = block_lines(block, lines)
    indent = _indent(lines[first])
    ending = _ending(text)
    if not lines[last].endswith(("\n", "\r")):
        lines[last] += ending
    lines[last + 1 : last + 1] = [f"{indent}- {example}{ending}" for example in new]
    after = "".join(lines)
    return _checked(file, text, after, last + 2, lambda root: _add_to(root, label, new))


def replace_example(data_dir: Path, label: str, old: str, new: str | None) -> Change:
    """Another wording for one example, or none at all. Raises :class:`CommandError` when it does not stand there."""
    file = file_of(data_dir, label)
    blocks = blocks_of(file, label)
    text = _read(file)
    lines = text.splitlines(keepends=True)
    spans = [block_lines(block, lines) for block in blocks]
    numbers = [number for first, last in spans for number in range(first, last + 1)]
    wanted = _same(old)
    places = [number for number in numbers if _same(_example(lines[number])) == wanted]
    if not places:
        near = did_you_mean(old, (_example(lines[number]) for number in numbers))
        mend = f"{near} " if near else ""
        raise usage(f"{label} has no example {old!r}", f"{mend}`warmline content list {label}` shows them")
    place = places[0]
    if new is None and any(first == last == place for first, last in spans):
        raise usage(f"{old!r} is the only example of {label}", "add another one first")
    written = _example(lines[place])
    ending = lines[place][len(lines[place].rstrip("\r\n")) :]
    lines[place : place + 1] = [] if new is None else [f"{_indent(lines[place])}- {clean(new)}{ending}"]
    after = "".join(lines)
    return _checked(file, text, after, place + 1, lambda root: _replace_in(root, label, written, new and clean(new)))


def set_answer(data_dir: Path, name: str, answer: str, variant: int = 1) -> Change:
    """The text of an answer's variant, from 1; ``name`` as it stands under ``responses:``.

    Raises :class:`CommandError` when there is no such answer or variant.
    """
    names = []
    for file, answers in sections(data_dir, "responses"):
        for key, value in pairs(answers):
            if plain(key) == name:
                return _set_answer(file, key, value, answer, variant)
            names.append(plain(key))
    near = did_you_mean(name, names)
    listed = (
        "`warmline content list utter_` shows the names of all; what an intent says may have several, or another name"
    )
    raise usage(f"there is no answer {name}", f"{near} {listed}".strip())


def new_faq(data_dir: Path, label: str, examples: Sequence[str], answer: str = "") -> Change:
    """A new FAQ at the end of its category's file; without an answer it is a draft, which ``check`` tells of.

    Raises :class:`CommandError` when the key has not the form ``faq/<category>_<words>``, or exists.
    """
    key = label.removeprefix(FAQ_PREFIX)
    files = sorted((data_dir / "faq").glob("*.yml"), key=lambda path: -len(path.stem))
    file = next((path for path in files if key.startswith(f"{path.stem}_")), None)
    if file is None or not label.startswith(FAQ_PREFIX) or not KEY.fullmatch(key):
        categories = ", ".join(sorted(path.stem for path in files))
        mend = f"write faq/, one of {categories}, an underscore and a few words: faq/billing_paper_invoice"
        raise usage(f"{label} is no key for an FAQ", mend)
    texts = list(dict.fromkeys(filter(None, map(clean, examples))))
    if not texts:
        raise usage("a new FAQ needs examples", "give at least one, in a customer's words")
    parts = fields(readable(file))
    text = _read(file)
    if "nlu" not in parts or "responses" not in parts:
        raise usage(f"{file.name} has no `nlu:` and `responses:`", "compare with the other files in data/faq")
    lines = text.splitlines(keepends=True)
    ending = _ending(text)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += ending
    entry = [f"- intent: {label}", "  examples: |", *(f"    - {example}" for example in texts)]
    said = [f"  {UTTER}{label}:", *_answer_lines(answer, 2)]
    blocks = {"nlu": entry, "responses": said}
    for name in sorted(blocks, key=lambda name: -parts[name].start_mark.line):
        at = _end(parts[name], lines)
        lines[at:at] = [f"{line}{ending}" for line in blocks[name]]
    after = "".join(lines)
    first = next(number for number, line in enumerate(lines, 1) if line.startswith(f"- intent: {label}"))

    def expect(content: dict[str, Any]) -> None:
        content["nlu"].append({"intent": label, "examples": "".join(f"- {example}\n" for example in texts)})
        content["responses"][f"{UTTER}{label}"] = [{"text": answer.strip()}]

    return _checked(file, text, after, first, expect)


def clean(text: str) -> str:
    """An example on one line, without a dash of its own."""
    return " ".join(text.split()).lstrip("-").strip()


def replace_file(path: Path, text: str) -> None:
    """Writes a file so that a reader finds the old or the new one, never half of it; rights stay as they were."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        if path.exists():
            Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _set_answer(file: Path, key: yaml.Node, value: yaml.Node, answer: str, variant: int) -> Change:
    if not answer.strip():
        raise usage("an answer needs a text", 'give it with --answer "..."')
    text = _read(file)
    lines = text.splitlines(keepends=True)
    variants = list(items(value))
    if not 1 <= variant <= max(len(variants), 1):
        raise usage(f"{plain(key)} has {len(variants)} variants", "choose one with --variant")
    ending = _ending(text)
    column = len(_indent(lines[key.start_mark.line]))
    if not variants:
        at = key.start_mark.line
        lines[at] = lines[at].split(":")[0] + ":" + ending if value.start_mark.line == at else lines[at]
        lines[at + 1 : at + 1] = [f"{line}{ending}" for line in _answer_lines(answer, column)]
        line = at + 1
    else:
        old = fields(variants[variant - 1]).get("text")
        if old is None:
            raise usage(f"variant {variant} of {plain(key)} is no text", "change it in the file")
        first = old.start_mark.line
        last = _last_line(old, lines)
        head = lines[first][: old.start_mark.column]
        indent = " " * (variants[variant - 1].start_mark.column + 2)
        lines[first : last + 1] = [f"{part}{ending}" for part in _text_lines(head, answer, indent)]
        line = first + 1

    def expect(content: dict[str, Any]) -> None:
        said = content["responses"][plain(key)] or []
        if said:
            said[variant - 1]["text"] = answer.strip()
        content["responses"][plain(key)] = said or [{"text": answer.strip()}]

    return _checked(file, text, "".join(lines), line, expect)


def _answer_lines(answer: str, column: int) -> list[str]:
    return _text_lines(f"{' ' * column}- text: ", answer, " " * (column + 4))


def _text_lines(head: str, answer: str, indent: str) -> list[str]:
    """``text:`` with its value: quoted when it is one line or none, else as a block that reads as it was written."""
    said = [line.rstrip() for line in answer.strip().splitlines()]
    if len(said) <= 1:
        return [head + json.dumps("".join(said), ensure_ascii=False)]
    return [f"{head.rstrip()} |-", *(f"{indent}{line}" if line else "" for line in said)]


def _last_line(node: yaml.Node, lines: Sequence[str]) -> int:
    """The last line of a scalar, from 0. For a block YAML reports where the next thing begins: its text ends before."""
    if not isinstance(node, yaml.ScalarNode) or node.style not in ("|", ">") or not node.value:
        return int(node.end_mark.line)
    last = node.start_mark.line + 1
    indent = len(_indent(lines[last]))
    for number in range(last, len(lines)):
        if lines[number].strip() and len(_indent(lines[number])) < indent:
            break
        last = number if lines[number].strip() else last
    return int(last)


def _end(node: yaml.Node, lines: Sequence[str]) -> int:
    """The line after the last one of a section that says anything, from 0: comments of the next one stay with it."""
    at = min(int(node.end_mark.line), len(lines))
    while at > node.start_mark.line + 1 and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith("#")):
        at -= 1
    return at


def _checked(file: Path, before: str, after: str, line: int, expect: Callable[[dict[str, Any]], None]) -> Change:
    """The change, once the new text reads as the old one with ``expect`` done to it."""
    wanted: dict[str, Any] = load_yaml(before)
    expect(wanted)
    try:
        got = load_yaml(after)
    except yaml.YAMLError:
        got = None
    if _ends_alike(got) != _ends_alike(wanted):
        raise CommandError(
            f"{file.name} is written in a way that this command does not understand, and was left as it is",
            f"make the change in the file itself, near line {line}",
        )
    return Change(file, before, after, line)


def _ends_alike(root: Any) -> Any:
    """The content without the line ends behind a label's last example: `|-` has none, and means the same."""
    for entry in root.get("nlu") or () if isinstance(root, dict) else ():
        if isinstance(entry, dict) and isinstance(entry.get("examples"), str):
            entry["examples"] = entry["examples"].rstrip("\n")
    return root


def _add_to(root: dict[str, Any], label: str, new: Sequence[str]) -> None:
    entry = next(entry for entry in root["nlu"] if entry.get("intent") == label)
    examples = str(entry["examples"])
    rest = examples.rstrip("\n")
    entry["examples"] = rest + "".join(f"\n- {text}" for text in new) + (examples[len(rest) :] or "\n")


def _replace_in(root: dict[str, Any], label: str, old: str, new: str | None) -> None:
    entries = [entry for entry in root["nlu"] if entry.get("intent") == label]
    entry = next(e for e in entries if any(_example(line) == old for line in str(e["examples"]).splitlines()))
    lines = str(entry["examples"]).splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if _example(line) == old)
    ending = lines[place][len(lines[place].rstrip("\n")) :]
    lines[place : place + 1] = [] if new is None else [f"- {new}{ending}"]
    entry["examples"] = "".join(lines)


def _same(example: str) -> str:
    """What two examples have in common that are the same; one without letters is only the same as itself."""
    text = without_marks(example)
    return normalised(text) or text


def _example(line: str) -> str:
    return line.strip().removeprefix("-").strip()


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]


def _ending(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _read(file: Path) -> str:
    with file.open(encoding="utf-8", newline="") as opened:
        return opened.read()

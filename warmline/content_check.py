"""Finds the mistakes in YAML that an editor makes most, with file and line, before Rasa is started.

What this does not know, Rasa's own validation finds; :func:`explain_rasa` boils its output down to one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from warmline.paths import PROJECT_ROOT
from warmline.policy import PolicyError, load_policy

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RASA_ERROR: Final = re.compile(r"\x1b\[91m(.*?)(?:\x1b\[0m|\Z)", re.DOTALL)
RASA_PLACE: Final = re.compile(r"in (?P<file>\S+):(?P<line>\d+):\s*\n\s*(?P<what>[^\n]+)")
TRAINING_KEYS: Final = frozenset({"nlu", "rules", "stories", "responses"})
TRAINING_LINE: Final = re.compile(r"^(nlu|rules|stories|responses)\s*:", re.MULTILINE)


@dataclass(frozen=True)
class ContentProblem:
    """One mistake in a file of the content team; ``line`` counts from 1."""

    file: Path
    line: int
    what: str

    def __str__(self) -> str:
        inside = self.file.is_relative_to(PROJECT_ROOT)
        return f"{self.file.relative_to(PROJECT_ROOT) if inside else self.file}:{self.line}: {self.what}"


def yaml_files(folder: Path) -> tuple[Path, ...]:
    """Every YAML file under ``folder``, in a steady order; hidden ones are left out."""
    found = (path for pattern in ("*.yml", "*.yaml") for path in folder.rglob(pattern))
    return tuple(sorted(path for path in found if not path.name.startswith(".")))


def training_files(data_dir: Path) -> tuple[Path, ...]:
    """The files under ``data_dir`` that Rasa trains on: those with ``nlu``, ``rules``, ``stories``, ``responses``."""
    return tuple(
        path
        for path in yaml_files(data_dir)
        if TRAINING_LINE.search(path.read_text(encoding="utf-8", errors="replace"))
    )


def check_content(data_dir: Path, more: Iterable[Path] = ()) -> tuple[ContentProblem, ...]:
    """What is wrong in the YAML under ``data_dir``, in ``more`` files, and in the escalation policy."""
    problems = [problem for path in (*more, *yaml_files(data_dir)) for problem in check_file(path)]
    policy = data_dir / "escalation.yml"
    if policy.exists() and not any(problem.file == policy for problem in problems):
        try:
            load_policy(policy)
        except PolicyError as error:
            problems += [ContentProblem(policy, item.line, f"{item.where}: {item.what}") for item in error.problems]
    return tuple(problems)


def check_file(path: Path) -> tuple[ContentProblem, ...]:
    """What is wrong in one file: encoding, syntax, a key given twice, examples without a dash."""
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=LOADER)
    except FileNotFoundError:
        return (ContentProblem(path, 1, "the file is missing"),)
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return (ContentProblem(path, line, "not UTF-8: save the file with that encoding"),)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(filter(None, (error.problem, error.context)))
        return (ContentProblem(path, mark.line + 1 if mark else 1, f"not YAML: {said}"),)
    except yaml.YAMLError as error:
        return (ContentProblem(path, 1, f"not YAML: {' '.join(str(error).split())}"),)
    if root is None:
        return ()
    if not isinstance(root, yaml.MappingNode):
        return (ContentProblem(path, 1, "must begin with keys such as `nlu:` or `rules:`"),)
    return tuple(ContentProblem(path, line, what) for line, what in (*_twice(root), *_examples(root)))


def explain_rasa(output: str) -> str:
    """The error in the output of a Rasa command, as one line with file and line where Rasa names them."""
    errors: list[str] = RASA_ERROR.findall(output)
    if not errors:
        last = [line for line in output.splitlines() if line.strip()]
        return last[-1].strip() if last else "it said nothing"
    place = RASA_PLACE.search(errors[-1])
    if place:
        return f"{place['file']}:{place['line']}: {place['what'].strip()}"
    lines = [line.strip() for line in errors[-1].splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("You can find more", "Please update"))]
    return " ".join(telling[:4])


def _twice(node: yaml.Node) -> Iterator[tuple[int, str]]:
    """Keys that stand twice in one mapping: the later would silently win."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key.start_mark.line + 1, f"the key {key.value!r} stands here a second time"
                seen.add(key.value)
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _twice(item)


def _examples(root: yaml.MappingNode) -> Iterator[tuple[int, str]]:
    """Lines of an ``examples: |`` block without a dash: Rasa drops them with a warning that nobody sees."""
    for key, value in root.value:
        if key.value != "nlu" or not isinstance(value, yaml.SequenceNode):
            continue
        for item in value.value:
            pairs = item.value if isinstance(item, yaml.MappingNode) else ()
            for name, block in pairs:
                if name.value == "examples" and isinstance(block, yaml.ScalarNode) and block.style == "|":
                    yield from _undashed(block)


def _undashed(block: yaml.ScalarNode) -> Iterator[tuple[int, str]]:
    first = block.start_mark.line + 2  # the text begins on the line after the bar; lines count from 1
    for number, line in enumerate(block.value.splitlines()):
        if line.strip() and not line.lstrip().startswith("-"):
            yield first + number, f"an example must begin with a dash: `- {line.strip()[:40]}`"

"""What agents, notices and the demo use of ``data/``: canned responses, macros, wording, the demo's people and texts.

The loaders of the services say what is wrong and how to mend it; here each mistake gets its line besides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from warmline.content.findings import Finding
from warmline.content.nodes import UnreadableError, compose, fields, find, items, line_of, pairs, plain
from warmline.errors import CommandError
from warmline.policy import EscalationPolicy, PolicyError, load_policy

MACROS: Final = "macros.yml"
COMPARE: Final = "compare with the entries around it, or with the shipped file"
_QUOTED: Final = re.compile(r"'([^']+)'")
_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*")


def check_desk_files(data_dir: Path) -> Iterator[Finding]:
    """Every mistake in the files that are there. Loads the services' modules, so it is called only when asked for."""
    unreadable = []
    for path in _files(data_dir):
        try:
            compose(path)
        except UnreadableError as error:
            unreadable.append(Finding(path, error.line, error.what, error.mend, kind="desk"))
    # Every loader reads several files: while one is no YAML, it would only say so again.
    yield from unreadable
    if unreadable:
        return
    if (data_dir / "wording").is_dir():
        yield from _wording(data_dir / "wording")
    try:
        policy = load_policy(data_dir / "escalation.yml")
    except (PolicyError, OSError):
        # `warmline escalation check` names what is wrong with it; macros and demo are checked against it.
        return
    yield from _desk_content(data_dir, policy)
    if (data_dir / "demo").is_dir():
        yield from _demo(data_dir, policy)


def _files(data_dir: Path) -> Iterator[Path]:
    for folder in ("canned", "wording", "demo"):
        yield from sorted((data_dir / folder).glob("*.yml"))
    if (data_dir / MACROS).exists():
        yield data_dir / MACROS


def _desk_content(data_dir: Path, policy: EscalationPolicy) -> Iterator[Finding]:
    from handoff.desk_content import DeskContentError, load_desk_content

    try:
        load_desk_content(data_dir, policy)
    except DeskContentError as error:
        told = [line.partition(": ")[::2] for line in str(error).splitlines()]
        without = any(name != MACROS for name, _ in told)
        for name, said in told:
            path = data_dir / name if name == MACROS else data_dir / "canned" / name
            if not path.is_file():
                yield from _twice(data_dir / "canned", said)
            elif not (without and "there is no canned response" in said):
                # What a macro names may well stand in the file that could not be read.
                yield from _told(path, said)


def _twice(folder: Path, said: str) -> Iterator[Finding]:
    """A response whose id stands twice in a language: told where it stands for the last time."""
    what, _, mend = said.partition("; ")
    ident, language = what.split()[0], what.split()[-1]
    roots = {path: compose(path) for path in sorted(folder.glob("*.yml"))}
    found = [
        (path, line_of(node))
        for path, root in roots.items()
        if plain(fields(root).get("language")) == language
        for node in _scalars(root)
        if plain(node) == ident
    ]
    yield Finding(*found[-1], what, mend, kind="desk")


def _wording(folder: Path) -> Iterator[Finding]:
    from handoff.survey_wording import load_survey_words
    from handoff.wording import WordingError, load_wording, wording_parts

    def problems(load: Callable[[], object]) -> Iterator[str]:
        try:
            load()
        except (WordingError, ValueError) as error:
            yield from str(error).splitlines()

    loads = [*wording_parts(folder), lambda: load_wording(folder), lambda: load_survey_words(folder)]
    for said in dict.fromkeys(line for load in loads for line in problems(load)):
        named = [path for path in sorted(folder.glob("*.yml")) if said.startswith(str(path))]
        path = named[0] if named else folder / "notices.yml"
        text = said.removeprefix(f"{path}: ").removeprefix(str(path)).strip()
        yield from _told(path, text)


def _demo(data_dir: Path, policy: EscalationPolicy) -> Iterator[Finding]:
    from handoff.demo import DemoPeopleError, load_demo_people
    from handoff.past.stories import PastError, load_past
    from warmline.demo.scripts import load_live

    folder = data_dir / "demo"
    people, history, live = (folder / f"{name}.yml" for name in ("people", "history", "live"))
    missing = [path for path in (people, history, live) if not path.exists()]
    yield from (Finding(path, 1, "it is missing", "restore it from the repository", kind="desk") for path in missing)
    try:
        loads: dict[Path, Callable[[], object]] = {history: lambda: load_past(data_dir, policy)}
        if people not in missing:
            staff = frozenset(agent.id for agent in load_demo_people(data_dir).agents)
            loads[live] = lambda: load_live(data_dir, policy, staff)
    except DemoPeopleError as error:
        # Who is at the live demo's desk cannot be known then.
        if isinstance(error.__cause__, ValidationError):
            yield from _invalid(people, error.__cause__)
        else:
            yield Finding(people, 1, str(error), COMPARE, kind="desk")
    for path in loads.keys() - missing:
        try:
            loads[path]()
        except (PastError, CommandError) as error:
            if isinstance(error.__cause__, ValidationError):
                yield from _invalid(path, error.__cause__)
            else:
                for line in str(error).removeprefix(f"{path}:").strip().splitlines():
                    yield from _told(path, line)


def _invalid(path: Path, error: ValidationError) -> Iterator[Finding]:
    root = compose(path)
    for one in error.errors(include_url=False, include_input=False):
        where = [str(step) for step in one["loc"]]
        node = find(root, where)
        line = line_of(node) if node is not None else 1
        yield Finding(path, line, f"{'.'.join(where) or 'the file'}: {one['msg']}", COMPARE, kind="desk")


def _told(path: Path, said: str) -> Iterator[Finding]:
    what, _, mend = said.partition("; ")
    yield Finding(path, _line_of(path, what), what, mend or COMPARE, kind="desk")


def _line_of(path: Path, what: str) -> int:
    """The line of what a message names: the part at a path of keys, else a value in quotes, else the first name."""
    root = compose(path) if path.exists() else None
    if root is None:
        return 1
    scalars = _scalars(root)
    names = _NAME.findall(what)
    begin = 1
    for place, name in enumerate(names):
        steps = name.split(".")
        node = find(root, steps) if len(steps) > 1 and steps[0] in fields(root) else None
        if node is not None:
            return line_of(node)
        named = next((one for one in scalars if plain(one) == name), None)
        if named is not None:
            # "notifications: deadline_missed holds ...": the second is a part of the first.
            within = [line_of(one) for one in scalars if [plain(one)] == names[place + 1 : place + 2]]
            begin = next((line for line in within if line >= line_of(named)), line_of(named))
            break
    quoted = set(_QUOTED.findall(what))
    return next((line_of(one) for one in scalars if plain(one) in quoted and line_of(one) >= begin), begin)


def _scalars(node: yaml.Node | None) -> tuple[yaml.Node, ...]:
    """Every key and value that is a text, in the order of the file."""
    if isinstance(node, yaml.ScalarNode):
        return (node,)
    below = [*items(node), *(part for pair in pairs(node) for part in pair)]
    return tuple(found for part in below for found in _scalars(part))

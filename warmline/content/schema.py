"""Mistakes in the YAML itself, with file and line, before Rasa is started.

What this does not know, Rasa's own validation finds; :func:`explain_rasa` boils its output down to one line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml

from warmline.content.findings import Finding
from warmline.content.nodes import UnreadableError, compose, fields, items, line_of, pairs, plain
from warmline.policy import PolicyError, load_policy

RASA_ERROR: Final = re.compile(r"\x1b\[91m(.*?)(?:\x1b\[0m|\Z)", re.DOTALL)
RASA_PLACE: Final = re.compile(r"in (?P<file>\S+):(?P<line>\d+):\s*\n\s*(?P<what>[^\n]+)")
TRAINING_LINE: Final = re.compile(r"^(nlu|rules|stories|responses)\s*:", re.MULTILINE)
TRAINING_KEYS: Final = frozenset(
    {"version", "nlu", "rules", "stories", "responses", "intents", "entities", "slots", "forms", "actions"}
)
NLU_NAMES: Final = frozenset({"intent", "synonym", "lookup", "regex"})
NLU_KEYS: Final = NLU_NAMES | {"examples", "metadata"}
RULE_KEYS: Final = frozenset({"rule", "steps", "condition", "conversation_start", "wait_for_user_input", "metadata"})
STEP_KEYS: Final = frozenset(
    {"intent", "user", "entities", "action", "bot", "active_loop", "slot_was_set", "checkpoint", "or"}
)
ANSWER_KEYS: Final = frozenset(
    {"text", "buttons", "image", "attachment", "custom", "channel", "condition", "metadata", "id", "quick_replies"}
)
BUTTON_KEYS: Final = frozenset({"title", "payload", "type"})
NO_TEXT: Final = re.compile(r"~|null|true|false|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?", re.IGNORECASE)
"""What the bot, which reads answers by YAML 1.2, takes for a number, a truth value or nothing if it has no quotes."""
UNREADABLE: Final = "unreadable"
"""The kind of a finding in a file of which nothing could be read."""
TORN: Final = "torn"
"""The kind of a finding because of which a whole part of a file is not read."""
CONTENT_FOLDERS: Final = frozenset({"nlu", "faq", "responses", "rules"})
NO_DASHES: Final = "–—−•·*‣"
MEND_SHAPE: Final = "compare with the entry above it; `docs/for-content-editors.md` shows the form"

Told = Iterator[tuple[int, str, str]]
"""Line, what is wrong, how to mend it."""


def yaml_files(folder: Path) -> tuple[Path, ...]:
    """Every YAML file under ``folder``, in a steady order; hidden ones are left out."""
    found = (path for pattern in ("*.yml", "*.yaml") for path in folder.rglob(pattern))
    return tuple(sorted(path for path in found if not path.name.startswith(".")))


def training_files(data_dir: Path) -> tuple[Path, ...]:
    """The files under ``data_dir`` that Rasa trains on: those with ``nlu``, ``rules``, ``stories``, ``responses``."""
    return tuple(path for path in yaml_files(data_dir) if TRAINING_LINE.search(_loosely(path)))


def _loosely(path: Path) -> str:
    """The text of a file whatever its encoding and line ends: UTF-16 has a zero beside each letter."""
    return "\n".join(path.read_bytes().replace(b"\0", b"").decode("utf-8", errors="replace").splitlines())


def check_schema(data_dir: Path, more: Iterable[Path] = ()) -> tuple[Finding, ...]:
    """What is wrong in the YAML under ``data_dir``, in ``more`` files, and in the escalation policy."""
    found = [finding for path in (*more, *yaml_files(data_dir)) for finding in check_file(path)]
    policy = data_dir / "escalation.yml"
    if policy.exists() and not any(finding.file == policy for finding in found):
        try:
            load_policy(policy)
        except PolicyError as error:
            mend = "docs/escalation-policy.md explains every part"
            found += [Finding(policy, item.line, f"{item.where}: {item.what}", mend) for item in error.problems]
    return tuple(found)


def check_file(path: Path) -> tuple[Finding, ...]:
    """What is wrong in one file: encoding, syntax, a key given twice, and the form of training data and answers."""
    try:
        root = compose(path)
    except UnreadableError as error:
        return (Finding(path, error.line, error.what, error.mend, kind=UNREADABLE),)
    if root is None:
        what = "the file is empty: nothing that stood in it is known any more"
        return (Finding(path, 1, what, "restore what stood in it, or delete the file", kind=TORN),)
    keys = fields(root).keys()
    sections = keys & {"nlu", "rules", "stories", "responses"} or path.parent.name in CONTENT_FOLDERS
    torn, found = [*_same_key(root)], [told for _, node in pairs(root) for told in _twice(node)]
    if sections and "recipe" not in keys:
        torn += _unknown(root, TRAINING_KEYS)
        for key, node in pairs(root):
            found += SECTIONS.get(plain(key), lambda _: ())(node)
    return (
        *(Finding(path, line, what, mend, kind=TORN) for line, what, mend in torn),
        *(Finding(path, line, what, mend) for line, what, mend in found),
    )


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


def _twice(node: yaml.Node) -> Told:
    """Keys that stand twice in one mapping, however deep."""
    yield from _same_key(node)
    for below in (*items(node), *(value for _, value in pairs(node))):
        yield from _twice(below)


def _same_key(node: yaml.Node) -> Told:
    """Keys of a mapping that stand in it twice: the later would silently win."""
    seen: set[str] = set()
    for key, _ in pairs(node):
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                what = f"the key {key.value!r} stands here a second time"
                yield line_of(key), what, "put both together under the first one, or rename this one"
            seen.add(key.value)


def _nlu(node: yaml.Node) -> Told:
    if not isinstance(node, yaml.SequenceNode):
        yield line_of(node), "`nlu:` must hold a list of intents", "begin each one with `- intent: name`"
    for item in items(node):
        keys = fields(item)
        if len(NLU_NAMES & keys.keys()) != 1:
            yield line_of(item), "an entry must name one intent, synonym, lookup or regex", "write `- intent: name`"
        yield from _unknown(item, NLU_KEYS)
        if "examples" not in keys:
            yield line_of(item), "an entry without `examples: |`", "write `examples: |` and the lines under it"
        elif isinstance(keys["examples"], yaml.ScalarNode):
            yield from _undashed(keys["examples"])
        elif any(isinstance(example, yaml.ScalarNode) for example in items(keys["examples"])):
            # Rasa leaves such examples out, with a warning that nobody sees.
            yield line_of(item) + 1, "`examples:` needs the bar behind it", "write `examples: |`"


def _undashed(block: yaml.ScalarNode) -> Told:
    """Lines of an ``examples: |`` block without a dash: Rasa drops them with a warning that nobody sees."""
    if block.style != "|":
        yield line_of(block), "`examples:` needs the bar behind it", "write `examples: |` and one `- example` a line"
        return
    first = line_of(block) + 1  # the text begins on the line after the bar
    for number, line in enumerate(block.value.splitlines()):
        said = line.strip()[:40]
        if said.startswith(tuple(NO_DASHES)):
            mend = f"write an ordinary minus and a space: `- {said.lstrip(NO_DASHES).strip()}`"
            yield first + number, f"an example begins with {said[0]} instead of a dash", mend
        elif said and not said.startswith("-"):
            yield first + number, f"an example must begin with a dash: `- {said}`", "put a dash and a space before it"
        elif line.strip() == "-":
            yield first + number, "an empty example", "write it, or delete the line"


def _rules(node: yaml.Node) -> Told:
    if not isinstance(node, yaml.SequenceNode):
        yield line_of(node), "`rules:` must hold a list", "begin each one with `- rule: what it does`"
    for rule in items(node):
        keys = fields(rule)
        if "rule" not in keys or "steps" not in keys:
            yield line_of(rule), "a rule needs a name and `steps:`", MEND_SHAPE
        yield from _unknown(rule, RULE_KEYS)
        for step in items(keys.get("steps")):
            yield from _unknown(step, STEP_KEYS)


def _answers(node: yaml.Node) -> Told:
    if not isinstance(node, yaml.MappingNode):
        yield (
            line_of(node),
            "`responses:` must hold names with their answers",
            "write `utter_name:` and the texts under it",
        )
    for name, variants in pairs(node):
        if not plain(name).startswith("utter_"):
            yield (
                line_of(name),
                f"the name of an answer begins with utter_: {plain(name)}",
                f"write utter_{plain(name)}",
            )
        if isinstance(variants, yaml.ScalarNode) and not variants.value.strip():
            continue  # no answer yet: the check of answers tells it
        if not isinstance(variants, yaml.SequenceNode):
            yield (
                line_of(variants),
                f"{plain(name)} must hold a list of texts",
                "write `- text: |-` and the text under it",
            )
        for variant in items(variants):
            if not isinstance(variant, yaml.MappingNode):
                yield line_of(variant), f"{plain(name)}: a variant needs `text:`", "write `- text: ...`"
            yield from _unknown(variant, ANSWER_KEYS)
            yield from _no_text(fields(variant).get("text"))
            for button in items(fields(variant).get("buttons")):
                yield from _unknown(button, BUTTON_KEYS)
                yield from _no_text(fields(button).get("title"))
                if not {"title", "payload"} <= {plain(key) for key, _ in pairs(button)}:
                    yield line_of(button), "a button needs a title and a payload", MEND_SHAPE


def _no_text(node: yaml.Node | None) -> Told:
    """A text that is read as something else; for one such, the running bot leaves the whole file as it was."""
    if node is None or (isinstance(node, yaml.ScalarNode) and (node.style or not NO_TEXT.fullmatch(node.value))):
        return
    said = plain(node)
    if said:
        yield line_of(node), f"{said} is not read as a text", f'put it in quotes: "{said}"'
    elif not isinstance(node, yaml.ScalarNode):
        yield line_of(node), "a text that begins with a bracket or a dash is not read as one", "put it in quotes"


def _unknown(node: yaml.Node, known: frozenset[str]) -> Told:
    for key, _ in pairs(node):
        if plain(key) not in known:
            near = difflib.get_close_matches(plain(key), known, n=1)
            mend = f"did you mean `{near[0]}:`?" if near else f"write one of {', '.join(sorted(known))}"
            yield line_of(key), f"the key {plain(key)!r} is not known here", mend


SECTIONS: Final[Mapping[str, Callable[[yaml.Node], Told]]] = {"nlu": _nlu, "rules": _rules, "responses": _answers}

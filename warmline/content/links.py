"""Links between files that lead nowhere: an intent without a rule, a button without an intent, a topic of nobody."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import yaml

from actions.content import ContentError, load_choices, load_guides, load_other_answers
from handoff.wording import WordingError, load_wording
from warmline.content.corpus import FAQ, UTTER, Corpus, Place
from warmline.content.findings import Finding, Severity
from warmline.content.nodes import UnreadableError, compose, fields, find, items, line_of, pairs, plain
from warmline.content.schema import training_files

KIND: Final = "link"
BUILT_IN_ACTIONS: Final = frozenset(
    {"action_listen", "action_restart", "action_back", "action_default_fallback", "action_deactivate_loop"}
)
SENT_BY_HANDOFF: Final = "EXTERNAL_"
"""Intents that handoff sends; no customer types them, so they have no examples."""
TYPED_INTENT: Final = re.compile(r"^/(?P<intent>[\w/]+)")
QUOTED: Final = re.compile(r'"([a-z][a-z_]+)"')
"""A name in the program: an intent that it sends by a button needs no examples."""
IN_DOMAIN: Final = "add it there under `intents:`"
POLICY: Final = "escalation.yml"
SAID_BY_PROGRAM: Final = re.compile(r'"(?P<name>utter_(?!action"|faq")[a-z0-9_]*[a-z0-9])"')


@dataclass(frozen=True)
class Domain:
    """What ``domain.yml`` declares, each name with its line."""

    file: Path
    intents: dict[str, int]
    entities: dict[str, int]
    slots: dict[str, int]
    forms: dict[str, int]
    actions: dict[str, int]


def read_domain(file: Path) -> Domain:
    """The declarations of the domain; empty ones where it cannot be read, because the schema check tells of that."""
    try:
        root = fields(compose(file))
    except UnreadableError:
        root = {}
    return Domain(file, *(_names(root.get(key)) for key in ("intents", "entities", "slots", "forms", "actions")))


def check_links(data_dir: Path, domain: Domain, corpus: Corpus, actions_dir: Path) -> Iterator[Finding]:
    """Everything that one file names and no other file has."""
    yield from _intents(domain, corpus, actions_dir)
    yield from _rules(data_dir, domain, corpus)
    yield from _buttons(domain, corpus)
    yield from _said_byprogram_texts(domain, corpus, actions_dir)
    yield from _topics(data_dir, domain, corpus)
    yield from _loaded(data_dir)


def known_topics(domain: Domain, corpus: Corpus) -> frozenset[str]:
    """Everything that may be a topic: intents, and FAQ keys."""
    return frozenset(domain.intents) | frozenset(corpus.faq_keys)


def _intents(domain: Domain, corpus: Corpus, actions_dir: Path) -> Iterator[Finding]:
    for label, place in corpus.entries.items():
        intent = label.partition("/")[0]
        if domain.intents and intent not in domain.intents:
            near = difflib.get_close_matches(intent.lower(), domain.intents, n=1)
            mend = f"did you mean {near[0]}? If not, add it there under `intents:`" if near else IN_DOMAIN
            yield _error(place, f"the intent {intent} is not in domain.yml", mend)
    labelled = {label.partition("/")[0] for label in corpus.entries}
    sent = {name for text in program_texts(actions_dir) for name in QUOTED.findall(text)}
    for intent, line in domain.intents.items():
        if intent not in labelled | sent and not intent.startswith(SENT_BY_HANDOFF):
            yield _warning(
                Place(domain.file, line),
                f"the intent {intent} has no examples, so it is never understood",
                "add examples in data/nlu, or take the intent out",
            )


def _rules(data_dir: Path, domain: Domain, corpus: Corpus) -> Iterator[Finding]:
    used: set[str] = set()
    for path in training_files(data_dir):
        try:
            rules = fields(compose(path)).get("rules")
        except UnreadableError:
            continue
        for rule in items(rules):
            steps = [*items(fields(rule).get("steps")), *items(fields(rule).get("condition"))]
            for step in steps:
                used.add(plain(fields(step).get("intent")).partition("/")[0])
                yield from _step(path, step, domain, corpus)
    for intent, line in domain.intents.items():
        if used and intent not in used:
            what = f"no rule begins with the intent {intent}: the assistant answers it as if it had not understood"
            yield _warning(Place(domain.file, line), what, "add a rule in data/rules, unless only forms ask for it")


def _step(path: Path, step: yaml.Node, domain: Domain, corpus: Corpus) -> Iterator[Finding]:
    parts = fields(step)
    place = Place(path, line_of(step))
    intent, action, loop = (plain(parts.get(name)) for name in ("intent", "action", "active_loop"))
    if intent and intent.partition("/")[0] not in domain.intents:
        yield _error(
            place, f"the rule waits for the intent {intent}, which there is not", near_name(intent, domain.intents)
        )
    if action and not _is_action(action, domain, corpus):
        known = [*domain.actions, *domain.forms, *corpus.answer_of]
        yield _error(place, f"the rule calls {action}, which there is not", near_name(action, known))
    if loop and loop != "null" and loop not in domain.forms:
        yield _error(place, f"the rule needs the form {loop}, which there is not", near_name(loop, domain.forms))
    slots = parts.get("slot_was_set")
    for item in items(slots) if slots is not None else ():
        for slot in fields(item) or {plain(item): item}:
            if slot not in domain.slots and slot != "requested_slot":
                what = f"the rule asks for the slot {slot}, which there is not"
                yield _error(place, what, near_name(slot, domain.slots))


def _is_action(action: str, domain: Domain, corpus: Corpus) -> bool:
    if action in domain.actions or action in domain.forms or action in BUILT_IN_ACTIONS:
        return True
    if action == f"{UTTER}{FAQ}":
        return bool(corpus.faq_keys)
    return action in corpus.answer_of


def _buttons(domain: Domain, corpus: Corpus) -> Iterator[Finding]:
    for answer in corpus.answers:
        for payload, place in answer.payloads:
            typed = TYPED_INTENT.match(payload)
            intent = typed["intent"] if typed else ""
            if typed and intent not in known_topics(domain, corpus):
                what = f"the button sends {payload}, and there is no intent {intent}"
                yield _error(place, what, near_name(intent, known_topics(domain, corpus)))


def _said_byprogram_texts(domain: Domain, corpus: Corpus, actions_dir: Path) -> Iterator[Finding]:
    """Answers that the program names and that are in no file: the customer would get silence."""
    names = {found["name"] for text in program_texts(actions_dir) for found in SAID_BY_PROGRAM.finditer(text)}
    for name in sorted(names - corpus.answer_of.keys() - domain.actions.keys()):
        place = Place(next((answer.place.file for answer in corpus.answers), domain.file), 1)
        what = f"the program says {name}, and no file in data/responses has it"
        yield _error(place, what, "write it again, or restore it from the repository")


def program_texts(actions_dir: Path) -> Iterator[str]:
    """The source of the actions, a file at a time."""
    for path in sorted(actions_dir.rglob("*.py")):
        yield path.read_text(encoding="utf-8")


def _topics(data_dir: Path, domain: Domain, corpus: Corpus) -> Iterator[Finding]:
    known = known_topics(domain, corpus)
    for name, paths in {
        POLICY: (("categories", "*", "topics"), ("authority", "*", "topics")),
        "wording/problems.yml": (("problems",), ("patterns",)),
        "another_answer.yml": (("another_answer",), ("another_answer", "*")),
    }.items():
        file = data_dir / name
        try:
            root = compose(file) if file.exists() else None
        except UnreadableError:
            continue
        if name == POLICY and root is not None:
            yield from _of_no_category([topic for topic, _ in _listed(root, ("categories", "*", "topics"))], corpus)
        for path in paths:
            for topic, line in _listed(root, path):
                if not any(fnmatchcase(label, topic) for label in known):
                    what = f"{topic} fits no intent and no FAQ"
                    yield _warning(Place(file, line), what, near_name(topic, known))


def _of_no_category(topics: list[str], corpus: Corpus) -> Iterator[Finding]:
    """FAQs whose key begins with no category: a case about one would wait among the general ones."""
    for label in corpus.faq_keys:
        if topics and not any(fnmatchcase(label, topic) for topic in topics):
            starts = ", ".join(topic for topic in topics if topic.startswith(f"{FAQ}/"))
            what = f"{label} belongs to no category: a case about it waits in the general queue"
            yield _warning(corpus.entries[label], what, f"begin its key like one of {starts}")


def _listed(node: yaml.Node | None, path: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """The names at the end of a path of keys, where * stands for any key; of a mapping its keys."""
    if not path:
        for item in (*items(node), *(key for key, _ in pairs(node))):
            yield plain(item), line_of(item)
        return
    for key, value in pairs(node):
        if path[0] in ("*", plain(key)):
            yield from _listed(value, path[1:])


def _loaded(data_dir: Path) -> Iterator[Finding]:
    """What the services would say when they read their files at start."""
    for load, file in (
        (load_choices, data_dir / "choices.yml"),
        (load_guides, data_dir / "troubleshooting.yml"),
        (load_other_answers, data_dir / "another_answer.yml"),
        (load_wording, data_dir / "wording" / "notices.yml"),
    ):
        if not file.exists():
            continue
        try:
            load(file.parent)
        except (ContentError, WordingError) as error:
            for said in str(error).splitlines():
                yield _placed(said, data_dir)


def _placed(said: str, data_dir: Path) -> Finding:
    """``FILE: where.it.is: what`` with the line of that place."""
    name, _, rest = said.partition(": ")
    file = Path(name) if Path(name).is_file() else data_dir
    where = rest.partition(":")[0]
    try:
        node = find(compose(file), where.split(".")) if file.is_file() else None
    except UnreadableError:
        node = None
    return _error(Place(file, line_of(node) if node else 1), rest or said, "compare with the entries beside it")


def _names(node: yaml.Node | None) -> dict[str, int]:
    """Names in a list (plain, or with settings) or keys of a mapping, with their lines."""
    found = {plain(key): line_of(key) for key, _ in pairs(node)}
    for item in items(node):
        found |= {plain(key): line_of(key) for key, _ in pairs(item)} or {plain(item): line_of(item)}
    return found


def near_name(name: str, known: Iterable[str]) -> str:
    """How to mend a name that there is not: the nearest one that there is."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else "write a name that there is, or add it"


def _error(place: Place, what: str, mend: str) -> Finding:
    return Finding(place.file, place.line, what, mend, Severity.ERROR, KIND)


def _warning(place: Place, what: str, mend: str) -> Finding:
    return Finding(place.file, place.line, what, mend, Severity.WARNING, KIND)

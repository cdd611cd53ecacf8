"""Customers' questions that the assistant did not answer well, masked, and grouped by what they ask."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from warmline.content.corpus import FAQ_PREFIX, Example, normalised, read_corpus
from warmline.content.meaning import Vectors, distinct, near_pairs, nearest, read_pipeline, topics_of, vectors_of
from warmline.content.personal_data import MASKS, Kind, mask
from warmline.content.sources import Sources
from warmline.errors import CommandError
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, environment_python
from warmline.settings import Settings

ONE_MEANING: Final = 0.65
"""Cosine of the topics from which a question joins a group. Higher: purer and smaller groups."""
AS_IGNORED: Final = 0.9
"""Cosine from which a question counts as one that was ignored before."""
MARKED: Final = {
    Kind.ORDER: "order_number",
    Kind.INVOICE: "invoice_number",
    Kind.EMAIL: "email",
    Kind.POSTCODE: "postcode",
}
"""Values that stand marked in the examples of an intent, with the entity that they are."""
ID_LENGTH: Final = 6
UNHELPFUL: Final = "unhelpful"
HANDED_OVER: Final = "handed_over"


class Question(BaseModel):
    """One line of ``python -m handoff.questions --json``; further fields are let pass."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    why: tuple[str, ...] = ()
    at: str = ""
    topic: str | None = None
    """The intent or FAQ that the assistant answered with; None where it did not know any."""

    @property
    def in_vain(self) -> bool:
        """Whether the assistant did answer, and the customer was not helped by it."""
        return self.topic is not None and not {UNHELPFUL, HANDED_OVER}.isdisjoint(self.why)


@dataclass(frozen=True)
class Group:
    """Questions that mean about the same; the masked texts, the one in the middle first."""

    id: str
    """Made of the question in the middle: it stays while that one leads the group."""
    questions: tuple[str, ...]
    times: int
    """How often they were asked, repeats included."""
    why: dict[str, int]
    answered: dict[str, int]
    """The intents and FAQs whose answers did not help, with how often: an answer to mend, not an example to add."""
    nearest: str
    """The intent or FAQ of the example that is most similar to the question in the middle."""
    nearest_example: str
    similarity: float


def ask_handoff(settings: Settings, since: str | None, limit: int) -> list[Question]:
    """The questions that handoff's database names. Raises :class:`CommandError` when they cannot be read."""
    command = [str(environment_python(APP_ENVIRONMENT)), "-m", "handoff.questions", "--json", "--limit", str(limit)]
    command += ["--since", since] if since else []
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise CommandError(
            f"the questions cannot be read from {settings.var_dir.name}/: {said}",
            "run `warmline setup`, or give a file with --input",
        )
    return parse_questions(done.stdout)


def read_file(path: Path) -> list[Question]:
    """The questions of a file of the same form. Raises :class:`CommandError` when it cannot be used."""
    try:
        return parse_questions(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}", "give a file of JSON as UTF-8") from error


def parse_questions(text: str) -> list[Question]:
    """A JSON list of questions, each at least with ``text``. Raises :class:`CommandError`."""
    try:
        return TypeAdapter(list[Question]).validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the list"
        mend = 'it must be a JSON list of objects such as {"text": "...", "why": ["fell_back"]}'
        raise CommandError(
            f"the questions are not of the form that is needed: {where}: {first['msg']}", mend
        ) from error


def group(questions: Sequence[Question], sources: Sources, ignored: Sequence[str]) -> tuple[Group, ...]:
    """The groups, the one asked most often first.

    What was ignored is left out, and what is an example by now, unless the assistant answered by that very entry in
    vain: then the answer is at fault.
    """
    corpus = read_corpus(sources.data_dir)
    left_alone = {normalised(text) for text in ignored}
    known: defaultdict[str, set[str]] = defaultdict(set)
    for example in corpus.examples:
        known[normalised(example.text)].add(example.label)
    asked: dict[str, list[Question]] = {}
    shown: dict[str, str] = {}
    for question in questions:
        text = mask(_tidy(question.text))
        key = normalised(text)
        is_learnt = key in known and not (question.in_vain and question.topic in known[key])
        if key and key not in left_alone and not is_learnt:
            shown.setdefault(key, text)
            asked.setdefault(key, []).append(question)
    if not asked:
        return ()
    keys, texts = list(asked), [shown[key] for key in asked]
    pipeline = read_pipeline(sources.config)
    rows = vectors_of([*texts, *ignored], pipeline, sources.cache_dir)
    rows, away = rows[: len(texts)], rows[len(texts) :]
    if len(away):
        like = {near.row for near in near_pairs(rows, away, AS_IGNORED)}
        kept = [row for row in range(len(texts)) if row not in like]
        keys, texts, rows = [keys[row] for row in kept], [texts[row] for row in kept], rows[kept]
    examples = distinct(corpus.examples)
    if not texts or not examples:
        return ()
    learnt = vectors_of([example.text for example in examples], pipeline, sources.cache_dir)
    topics = topics_of(rows, learnt, [example.label for example in examples])
    groups = []
    for members in cluster(topics):
        near = nearest(rows[members[:1]], learnt)[0]
        groups.append(
            _group([(texts[row], asked[keys[row]]) for row in members], examples[near.other], near.similarity)
        )
    return tuple(sorted(groups, key=lambda item: (-item.times, item.id)))


def cluster(rows: Vectors, similarity: float = ONE_MEANING) -> list[list[int]]:
    """Rows that are close to one in their middle, which stands first in its group. Each row is in one group.

    Again and again the row with the most neighbours left takes them all; so the result hangs on no order.
    """
    neighbours: dict[int, set[int]] = {row: set() for row in range(len(rows))}
    for near in near_pairs(rows, rows, similarity):
        neighbours[near.row].add(near.other)
    left, groups = set(neighbours), []
    while left:
        middle = min(left, key=lambda row: (-len(neighbours[row] & left), row))
        members = neighbours[middle] & left | {middle}
        groups.append([middle, *sorted(members - {middle}, key=lambda row: -float(rows[row] @ rows[middle]))])
        left -= members
    return groups


def choose(groups: Sequence[Group], wanted: str) -> Group:
    """The group with an id, or the beginning of one. Raises :class:`CommandError` when there is not exactly one."""
    found = [item for item in groups if item.id.startswith(wanted.lower())]
    if len(found) != 1:
        what = f"there is no group {wanted}" if not found else f"{wanted} is the beginning of {len(found)} groups"
        raise CommandError(what, "`warmline content unanswered` lists them with their ids")
    return found[0]


def as_examples(group: Group, label: str) -> list[str]:
    """The questions as they should stand under a label: in those of an intent, data are marked."""
    return marked(group.questions, label)


def marked(questions: Sequence[str], label: str) -> list[str]:
    """Masked texts as examples of a label: in those of an intent, what was masked is marked as the data that it is."""
    texts = list(questions)
    if not label.startswith(FAQ_PREFIX):
        for kind, entity in MARKED.items():
            texts = [text.replace(MASKS[kind], f"[{MASKS[kind]}]({entity})") for text in texts]
    return texts


class Ignored:
    """The questions that somebody decided to leave unanswered: their masked texts, in the state folder."""

    def __init__(self, settings: Settings) -> None:
        """The file is made when the first question is ignored."""
        self.file = settings.var_dir / "ignored_questions.json"

    def texts(self) -> tuple[str, ...]:
        """All of them, oldest first. Raises :class:`CommandError` when the file is damaged."""
        try:
            content: Any = json.loads(self.file.read_text(encoding="utf-8"))
            return tuple(TypeAdapter(list[str]).validate_python(content))
        except FileNotFoundError:
            return ()
        except (ValueError, UnicodeDecodeError) as error:
            raise CommandError(f"{self.file} is damaged", "mend its JSON, or delete it to ignore nothing") from error

    def add(self, texts: Sequence[str]) -> None:
        """Remembers questions, whatever group they come in next time."""
        self._write([*dict.fromkeys([*self.texts(), *texts])])

    def remove(self, texts: Sequence[str]) -> int:
        """Forgets questions; how many there were of them."""
        gone = {normalised(text) for text in texts}
        before = self.texts()
        left = [text for text in before if normalised(text) not in gone]
        self._write(left)
        return len(before) - len(left)

    def _write(self, texts: list[str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(texts, indent=1, ensure_ascii=False), encoding="utf-8")


def _tidy(text: str) -> str:
    """On one line, and without what a terminal would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _group(members: Sequence[tuple[str, list[Question]]], example: Example, similarity: float) -> Group:
    texts = tuple(text for text, _ in members)
    why = Counter(reason for _, asked in members for question in asked for reason in question.why)
    digest = hashlib.blake2b(normalised(texts[0]).encode(), digest_size=ID_LENGTH // 2).hexdigest()
    questions = [question for _, asked in members for question in asked]
    in_vain = Counter(question.topic for question in questions if question.topic and question.in_vain)
    answered = dict(in_vain.most_common())
    return Group(
        digest, texts, len(questions), dict(why.most_common()), answered, example.label, example.text, similarity
    )

"""``warmline classify``: the understanding that ships, trained on anybody's examples and asked about their messages."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from warmline.csv_files import read_columns, write_rows
from warmline.errors import CommandError, ExitCode
from warmline.progress import Progress

if TYPE_CHECKING:
    from bot.intent_model import Prediction
    from bot.understanding import Understanding

REPORT_VERSION: Final = 1
COLUMNS: Final = ("text", "intent", "confidence", "in_scope_score", "accepted")

TIMED_ONE_BY_ONE: Final = 300
"""So many messages are understood one at a time, as in a conversation, and timed; the others together."""

BATCH: Final = 256
SECONDS_PER_EXAMPLE: Final = 0.004

Tell = Callable[[str], None]


@dataclass(frozen=True)
class TrainingSet:
    """Labelled texts, each pair once, and what was left out of the file or is odd about it."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    empty: int
    repeated: int
    contradictory: int
    """Texts that stand under more than one intent; they stay under each."""


@dataclass(frozen=True)
class Report:
    """What was learnt and how long it took."""

    examples: int
    intents: int
    empty_rows: int
    repeated_rows: int
    contradictory_texts: int
    messages: int
    accepted: int
    threshold: float
    training_seconds: float
    milliseconds_per_message: float | None
    """Median of messages understood one at a time; None without a message."""

    def as_json(self) -> dict[str, object]:
        """The report as JSON can hold it."""
        return {"version": REPORT_VERSION, **asdict(self)}


def classify(
    train: Path,
    messages: Path,
    output: Path,
    *,
    report: Path | None = None,
    unknown_labels: Collection[str] | None = None,
    progress: Progress,
) -> Report:
    """Trains on ``train``, understands ``messages`` and writes ``output``.

    Args:
        train: CSV with the columns ``text`` and ``intent``.
        messages: CSV with the column ``text``.
        output: CSV to write, a row for each message in the same order, with ``COLUMNS``.
        report: JSON file to write the report into.
        unknown_labels: intents whose examples show what is out of scope; None for the names that ship.
        progress: tells how far it is.

    Raises:
        CommandError: a file or its content is not fit for this; the message says how to mend it.
    """
    for written in (output, report):
        if written and written.resolve() in (train.resolve(), messages.resolve()):
            raise CommandError(f"{written} would be overwritten", "name another file to write", ExitCode.USAGE)
    examples = read_training_set(train)
    texts = [text for (text,) in read_columns(messages, ("text",))]
    started = time.perf_counter()
    with progress.step(f"learning from {len(examples.texts):,} examples", len(examples.texts) * SECONDS_PER_EXAMPLE):
        understanding = learn(examples, unknown_labels)
    training_seconds = time.perf_counter() - started
    with progress.step(f"understanding {len(texts):,} messages") as tell:
        timed: list[float] = []
        predictions = list(understand(understanding, texts, timed, tell))
    write_rows(output, COLUMNS, (_row(text, found) for text, found in zip(texts, predictions, strict=True)))
    done = Report(
        examples=len(examples.texts),
        intents=len(set(examples.labels)),
        empty_rows=examples.empty,
        repeated_rows=examples.repeated,
        contradictory_texts=examples.contradictory,
        messages=len(texts),
        accepted=sum(found.in_scope for found in predictions),
        threshold=round(understanding.model.scope.threshold, 4),
        training_seconds=round(training_seconds, 2),
        milliseconds_per_message=round(1000 * statistics.median(timed), 2) if timed else None,
    )
    if report:
        report.write_text(json.dumps(done.as_json(), indent=1) + "\n", encoding="utf-8")
    return done


def read_training_set(path: Path) -> TrainingSet:
    """The labelled texts of a file.

    Raises:
        CommandError: the file cannot be read, or nothing can be learnt from it.
    """
    rows = read_columns(path, ("text", "intent"))
    full = [(text, label.strip()) for text, label in rows if text.strip() and label.strip()]
    pairs = list(dict.fromkeys(full))
    labels = {label for _, label in pairs}
    if len(labels) < 2:
        found = f"only the intent {labels.pop()!r}" if labels else "no example"
        raise CommandError(
            f"{path} has {found}", "give at least two intents with examples, in the columns text,intent", ExitCode.USAGE
        )
    return TrainingSet(
        texts=tuple(text for text, _ in pairs),
        labels=tuple(label for _, label in pairs),
        empty=len(rows) - len(full),
        repeated=len(full) - len(pairs),
        contradictory=len(pairs) - len({text for text, _ in pairs}),
    )


def learn(examples: TrainingSet, unknown_labels: Collection[str] | None = None) -> Understanding:
    """The pipeline that ships, trained on these examples with the settings that ship.

    Raises:
        CommandError: the encoder is not prepared.
    """
    from bot.encoding import shared_encoder
    from bot.intent_model import UNKNOWN_LABELS
    from bot.understanding import Understanding
    from models.encoder.encode import EncoderNotPreparedError

    try:
        encoder = shared_encoder()
    except EncoderNotPreparedError as error:
        raise CommandError(str(error), "run `make setup`") from error
    unknown = UNKNOWN_LABELS if unknown_labels is None else unknown_labels
    return Understanding.train(encoder, examples.texts, examples.labels, unknown_labels=unknown)


def understand(
    understanding: Understanding, texts: Sequence[str], timed: list[float], tell: Tell = lambda _: None
) -> Iterator[Prediction]:
    """What is understood of each text; the seconds of those understood one at a time are appended to ``timed``."""
    for text in texts[:TIMED_ONE_BY_ONE]:
        started = time.perf_counter()
        yield understanding.predict(text, top=1)
        timed.append(time.perf_counter() - started)
    for start in range(TIMED_ONE_BY_ONE, len(texts), BATCH):
        tell(f"{start:,} of {len(texts):,}")
        rows = understanding.reader.read_all(texts[start : start + BATCH])
        yield from understanding.model.predict(rows, top=1)


def _row(text: str, found: Prediction) -> tuple[str, ...]:
    label, confidence = found.labels[0]
    return text, label, f"{confidence:.6f}", f"{found.scope_score:.6f}", "true" if found.in_scope else "false"

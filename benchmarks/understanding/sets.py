"""What is measured on: splits of public sets, which never enter the project, and the project's own content.

Official test parts are used where they are there; else a part of the training data that a hash of the text chooses,
so that the split is the same everywhere. A set whose files are not there is passed over.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from warmline.paths import PROJECT_ROOT

Pairs = tuple[tuple[str, str], ...]

PUBLIC_DATA: Final = PROJECT_ROOT.parent / "shared" / "data"
TEST_PARTS: Final = 5
"""One part in this many is tested on where a set has no test part of its own."""

OUT_OF_SCOPE: Final = "oos"
ANNOTATION: Final = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
EXAMPLE: Final = re.compile(r"^\s*-\s?(.*\S)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Target:
    """A figure to reach, with what is known of others."""

    figure: str
    at_least: float
    known: str


@dataclass(frozen=True)
class EvaluationSet:
    """What to learn from, what to ask, and what must be refused."""

    name: str
    train: Pairs
    test: Pairs
    unknown: tuple[str, ...] = ()
    masks: tuple[dict[str, str], ...] = ()
    targets: tuple[Target, ...] = field(default=())


def public_sets(data: Path) -> Iterator[EvaluationSet]:
    """Every public set whose files are under ``data``."""
    builders: tuple[Callable[[Path], Iterator[EvaluationSet]], ...] = (_banking, _banking_near, _clinc, _small_bots)
    for build in (*builders, _assistant, _spoken, _synthetic):
        try:
            yield from build(data)
        except FileNotFoundError:
            continue


def own_sets(root: Path = PROJECT_ROOT) -> Iterator[EvaluationSet]:
    """The project's own content, tested with each file of test questions that is there."""
    train = tuple(_own_examples(root / "data"))
    masks = _own_masks(root / "config.yml")
    for name in ("questions", "questions_fresh", "questions_noisy"):
        path = root / "tests" / "data" / f"{name}.yml"
        if not path.exists():
            continue
        content: Any = _yaml(path)
        questions: dict[str, list[str]] = {}
        for part in content["noise"].values() if "noise" in content else [content["questions"]]:
            for key, texts in part.items():
                questions.setdefault(key, []).extend(texts)
        test = tuple((str(text), key) for key, texts in questions.items() if key != "out_of_scope" for text in texts)
        unknown = tuple(str(text) for text in questions.get("out_of_scope", ()))
        to_reach = (Target("accepted_right", 95.0, ""), Target("refused", 90.0, ""))
        yield EvaluationSet(f"own {name}.yml", train, test, unknown, masks, to_reach if unknown else to_reach[:1])


def _banking(data: Path) -> Iterator[EvaluationSet]:
    rows = [(row["text"], row["intent"]) for row in _rows(data / "banking77" / "train.csv")]
    shots = tuple((row["text"], row["intent"]) for row in _rows(data / "banking77" / "train_10shot.csv"))
    train, test = _split(rows)
    known = "93.1 frozen encoder, 93.7 tuned BERT (official test)"
    yield EvaluationSet("BANKING77, full", train, test, targets=(Target("accuracy", 94.0, known),))
    shot_texts = {_plain(text) for text, _ in shots}
    rest = tuple(pair for pair in rows if _plain(pair[0]) not in shot_texts)
    known = "65.4 DIET, 86.0 frozen encoder, 89.8 best published (official test)"
    yield EvaluationSet("BANKING77, 10 an intent", shots, rest, targets=(Target("accuracy", 88.0, known),))


def _banking_near(data: Path) -> Iterator[EvaluationSet]:
    rows = [row for row in _rows(data / "banking77_oos" / "train_valid.csv") if row["text"].strip()]
    train = tuple((row["text"], row["intent"]) for row in rows if (row["split"], row["kind"]) == ("train", "in_scope"))
    test = tuple((row["text"], row["intent"]) for row in rows if (row["split"], row["kind"]) == ("valid", "in_scope"))
    near = tuple(row["text"] for row in rows if (row["split"], row["kind"]) == ("valid", "id-oos"))
    targets = (Target("auroc", 0.90, "0.84 to 0.88"),)
    yield EvaluationSet("BANKING77-OOS, near", train, test, near, targets=targets)


def _clinc(data: Path) -> Iterator[EvaluationSet]:
    for size in ("full", "small"):
        rows = _rows(data / "clinc150" / f"data_{size}.csv")

        def part(name: str, rows: list[dict[str, str]] = rows) -> Pairs:
            return tuple((row["text"], row["intent"]) for row in rows if row["split"] == name)

        unknown = tuple(text for text, _ in part("oos_test"))
        targets = (
            Target("accepted_right", 95.0, "91.5 Rasa, 96.2 BERT with a threshold"),
            Target("refused", 75.0, "45.3 Rasa, 52.3 BERT with a threshold"),
            Target("auroc", 0.97, "0.96"),
        )
        some = targets if size == "full" else ()
        with_unknown = part("train") + tuple((text, OUT_OF_SCOPE) for text, _ in part("oos_train"))
        yield EvaluationSet(f"CLINC150, {size}", with_unknown, part("test"), unknown, targets=some)
        if size == "full":
            name = "CLINC150, full, no out-of-scope examples"
            yield EvaluationSet(name, part("train"), part("test"), unknown, targets=some)


def _small_bots(data: Path) -> Iterator[EvaluationSet]:
    for name in ("banking", "credit_cards"):
        rows = [row for row in _rows(data / "clinc_single_domain_oos" / f"{name}.csv") if row["text"].strip()]

        def part(split: str, kind: str, rows: list[dict[str, str]] = rows) -> Pairs:
            return tuple((row["text"], row["intent"]) for row in rows if (row["split"], row["kind"]) == (split, kind))

        for kind, words in (("id-oos", "near"), ("ood-oos", "far")):
            unknown = tuple(text for text, _ in part("test", kind))
            yield EvaluationSet(
                f"bot of 10 intents, {name}, {words}", part("train", "in_scope"), part("test", "in_scope"), unknown
            )


def _assistant(data: Path) -> Iterator[EvaluationSet]:
    rows = _rows(data / "hwu64" / "hwu64.csv")
    parts = {
        split: tuple((row["text"], row["intent"]) for row in rows if row["split"] == split)
        for split in ("train", "train_10", "test")
    }
    yield EvaluationSet("HWU64, full", parts["train"], parts["test"])
    yield EvaluationSet("HWU64, 10 an intent", parts["train_10"], parts["test"])


def _spoken(data: Path) -> Iterator[EvaluationSet]:
    lines = (data / "dstc11_natcs_intents" / "development.jsonl").read_text(encoding="utf-8").splitlines()
    train, test = _split([(row["utterance"], row["intent"]) for row in map(json.loads, lines)])
    yield EvaluationSet("NatCS insurance, spoken", train, test)


def _synthetic(data: Path) -> Iterator[EvaluationSet]:
    parts = [
        tuple((row["utterance"], row["intent"]) for row in _rows(data / "bitext_customer_support" / f"{name}.csv"))
        for name in ("train", "test")
    ]
    yield EvaluationSet("Bitext, synthetic", parts[0], parts[1])


def _split(rows: list[tuple[str, str]]) -> tuple[Pairs, Pairs]:
    def is_test(text: str) -> bool:
        return int.from_bytes(hashlib.sha256(_plain(text).encode()).digest()[:4], "big") % TEST_PARTS == 0

    return tuple(row for row in rows if not is_test(row[0])), tuple(row for row in rows if is_test(row[0]))


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _own_examples(data: Path) -> Iterator[tuple[str, str]]:
    seen = set()
    for path in sorted((*data.glob("nlu/*.yml"), *data.glob("faq/*.yml"))):
        for group in (_yaml(path) or {}).get("nlu", ()):  # type: ignore[attr-defined]
            if "intent" not in group:
                continue
            for text in EXAMPLE.findall(str(group.get("examples", ""))):
                pair = ANNOTATION.sub(r"\1", text), str(group["intent"])
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _own_masks(config: Path) -> tuple[dict[str, str], ...]:
    pipeline = _yaml(config)["pipeline"]  # type: ignore[index]
    return tuple({"pattern": str(mask["pattern"]), "text": str(mask["text"])} for mask in pipeline[0].get("masks", ()))


def _yaml(path: Path) -> object:
    return YAML(typ="safe").load(path)

"""Calls as mere structure: how far intents, their order and their repeats tell that a call will fail.

This measures no code of production, which reads what people write: it says what structure alone is worth.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from benchmarks.escalation.measures import Hits
from benchmarks.escalation.sets import Call

FOLDS: Final = 5
INNER_FOLDS: Final = 3
"""Parts of each training part by which the regularisation is chosen, for the head and the baseline alike."""
SEED: Final = 0
REGULARISATION_C: Final = (0.05, 0.2, 1.0, 5.0)
CALLER, BOT = "nlu", "nlg"
LAST_STEPS: Final = 3
LATE_STEPS: Final = 8

Features = dict[str, float]


@dataclass(frozen=True)
class CallFigures:
    """F1 of the calls that failed, by what is looked at."""

    head: float
    bag_of_intents: float
    majority: float
    """The more frequent answer for every call."""
    always: float
    """Every call taken for one that fails."""


def measure_calls(calls: Sequence[Call]) -> CallFigures:
    """Train and ask both heads in cross-validation. Raises ``ValueError`` for fewer calls of a kind than folds."""
    failed = [call.failed for call in calls]
    frequent = 2 * sum(failed) > len(failed)
    return CallFigures(
        head=_f1(calls, failed, structure),
        bag_of_intents=_f1(calls, failed, bag_of_intents),
        majority=Hits.of([frequent] * len(failed), failed).f1,
        always=Hits.of([True] * len(failed), failed).f1,
    )


def until_last_said(call: Call) -> Call:
    """The call without what the bot said last: whether the caller answered it would already tell the end."""
    said = [place for place, (speaker, _) in enumerate(call.steps) if speaker == CALLER]
    return Call(call.steps[: said[-1] + 1] if said else (), call.entities, call.failed)


def bag_of_intents(call: Call) -> Features:
    """How often each intent occurs."""
    return _counts(f"{speaker} {intent}" for speaker, intent in call.steps)


def structure(call: Call) -> Features:
    """Counts of intents, entities and pairs of intents, where each intent stood last, the end, repeats and length."""
    names = [f"{speaker} {intent}" for speaker, intent in call.steps]
    asked = [name for name in names if name.startswith(BOT)]
    found = bag_of_intents(call)
    found |= _counts(f"entity {name}" for name in call.entities)
    found |= _counts(f"{one} > {other}" for one, other in itertools.pairwise(names))
    for place, name in enumerate(names, start=1):
        found[f"last at {name}"] = place / len(names)
    for back in range(1, min(LAST_STEPS, len(names)) + 1):
        found[f"{back} from the end {names[-back]}"] = 1.0
    found["steps"] = float(len(names))
    found["asked again"] = float(len(asked) - len(set(asked)))
    found["asked most"] = float(max(Counter(asked).values(), default=0))
    found["longest run"] = float(max((len(list(run)) for _, run in itertools.groupby(names)), default=0))
    found["changes of speaker"] = float(sum(one[0] != other[0] for one, other in itertools.pairwise(call.steps)))
    found["late refusals"] = float(names[-LATE_STEPS:].count(f"{CALLER} negate"))
    return found


def _counts(names: Iterable[str]) -> Features:
    return {name: float(count) for name, count in Counter(names).items()}


def _f1(calls: Sequence[Call], failed: Sequence[bool], features: Callable[[Call], Features]) -> float:
    head = make_pipeline(
        DictVectorizer(),
        MaxAbsScaler(),
        LogisticRegression(class_weight="balanced", solver="liblinear", max_iter=2000),
    )
    chosen = GridSearchCV(
        head,
        {"logisticregression__C": REGULARISATION_C},
        scoring=make_scorer(f1_score, zero_division=0),
        cv=_folds(INNER_FOLDS),
    )
    found = cross_val_predict(chosen, [features(call) for call in calls], failed, cv=_folds(FOLDS))
    return Hits.of([bool(one) for one in found], failed).f1


def _folds(count: int) -> StratifiedKFold:
    return StratifiedKFold(count, shuffle=True, random_state=SEED)

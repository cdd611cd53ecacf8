"""One run: each part measured on its own, and left out, with a word, where its files are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.escalation.betold import CallFigures, measure_calls, until_last_said
from benchmarks.escalation.dialogues import NEVER, OWN_DIALOGUES, Dialogue, Part, read_dialogues
from benchmarks.escalation.measures import Hits, correlation, cross_validated
from benchmarks.escalation.outcomes import COUNTED, HandoffFigures, Outcome, by_trigger
from benchmarks.escalation.report import Figure, Report
from benchmarks.escalation.scoring import Scorer, vader
from benchmarks.escalation.sets import (
    HOT_FROM,
    TURN_SETS,
    MissingSetError,
    RatedDialogue,
    TurnSet,
    calls,
    support_dialogues,
)
from benchmarks.figures import area_under_curve
from warmline.progress import Progress, Tell

VADER_HOT_FROM: Final = 0.05
"""From this score on VADER calls a text negative (Hutto and Gilbert 2014)."""
TOLD_EVERY: Final = 100

TWITTER: Final = "Twitter support turns"
BETOLD: Final = "BETOLD valid"


@dataclass(frozen=True)
class Section:
    """A part of the run: its name, and what measures it into a report."""

    name: str
    measure: Callable[[Report, Tell], None]


def sections(data: Path, scorer: Scorer, threshold: float, own: Path = OWN_DIALOGUES) -> Iterator[Section]:
    """The parts of the run, the project's own dialogues first.

    Args:
        data: the folder of the public sets.
        scorer: the code under test.
        threshold: the frustration, 0 to 1, from which the policy that ships acts on a turn.
        own: the folder of the project's own dialogues.
    """
    parts: tuple[Part, ...] = ("development", "test")
    for part in parts:
        yield Section(f"authored dialogues, {part}", partial(_authored, own, part, scorer))
    yield Section(TWITTER, partial(_twitter, data, scorer, threshold))
    for given in TURN_SETS:
        yield Section(given.name, partial(_turns, data, scorer, given))
    yield Section(BETOLD, partial(_betold, data))


def measure(section: Section, report: Report, progress: Progress) -> None:
    """Measure a part; where its files are not there, say so at once and in the report's notes."""
    try:
        with progress.step(section.name) as tell:
            section.measure(report, tell)
    except MissingSetError as error:
        note = f"{section.name} is left out: {error} is not there."
        report.notes.append(note)
        progress.warn(note)


def _authored(folder: Path, part: Part, scorer: Scorer, report: Report, tell: Tell) -> None:
    name = f"authored dialogues, {part}"
    dialogues = [dialogue for dialogue in read_dialogues(folder) if dialogue.part == part]
    if not dialogues:
        raise MissingSetError(f"a dialogue with `part: {part}` in {folder}")
    outcomes = _outcomes(dialogues, scorer, tell)
    found = {counted: HandoffFigures.of(name, outcomes, counted) for counted in COUNTED}
    report.handoffs += found.values()
    report.triggers += by_trigger(name, outcomes)
    if part == "development":
        report.development += outcomes
        return
    for counted, one in found.items():
        early = one.in_time + one.too_early
        report.figures += [
            Figure(name, f"found at the turn or one after ({counted})", one.in_time, limit=95.0, unit="%"),
            Figure(name, f"the same, earlier too ({counted})", early, limit=95.0, unit="%"),
            Figure(name, f"false on calm ones ({counted})", one.false_per_100, limit=3.0, at_most=True, unit="%"),
        ]


def _twitter(data: Path, scorer: Scorer, threshold: float, report: Report, tell: Tell) -> None:
    rated = support_dialogues(data)
    outcomes = _outcomes([_as_dialogue(one) for one in rated], scorer, tell)
    report.handoffs += [HandoffFigures.of(TWITTER, outcomes, counted) for counted in COUNTED]
    report.figures += _by_turn(rated, outcomes)
    report.figures += _by_dialogue(rated, outcomes, threshold)


def _by_turn(rated: Sequence[RatedDialogue], outcomes: Sequence[Outcome]) -> Iterator[Figure]:
    ours, lexicon, hot, means = [], [], [], []
    for one, outcome in zip(rated, outcomes, strict=True):
        for turn, rating, scored in zip(one.turns, one.ratings, outcome.scored, strict=True):
            if rating and scored:
                ours.append(scored.frustration)
                lexicon.append(vader(turn.text))
                hot.append(rating.median >= HOT_FROM)
                means.append(rating.mean)
    known = "VADER .68, tuned on GoEmotions .79"
    yield Figure(TWITTER, "AUC", _area(ours, hot), _area(lexicon, hot), known, 0.83)
    known = "VADER .45, people .78 to .84"
    yield Figure(TWITTER, "correlation", correlation(ours, means), correlation(lexicon, means), known, 0.65)


def _by_dialogue(rated: Sequence[RatedDialogue], outcomes: Sequence[Outcome], threshold: float) -> Iterator[Figure]:
    truth = [bool(one.hot) for one in rated]
    peaks = [outcome.peak for outcome in outcomes]
    vaders = [max(vader(turn.text) for turn in one.turns if turn.role == "customer") for one in rated]
    shipped, plain = _hits_from(threshold, peaks, truth), _hits_from(VADER_HOT_FROM, vaders, truth)
    name = f"by dialogue, F1 at the policy's {threshold:.2f}"
    yield Figure(TWITTER, name, shipped.f1, plain.f1, "VADER .68", 0.78)
    chosen, limits = cross_validated(peaks, truth)
    plain, _ = cross_validated(vaders, truth)
    name = f"by dialogue, F1 at the best threshold, 2 folds ({limits[0]:.2f} and {limits[1]:.2f})"
    yield Figure(TWITTER, name, chosen.f1, plain.f1, "VADER .68", 0.78)


def _turns(data: Path, scorer: Scorer, given: TurnSet, report: Report, tell: Tell) -> None:
    turns = given.read(data)
    ours = []
    for number, turn in enumerate(turns):
        if number % TOLD_EVERY == 0:
            tell(f"{number:,} of {len(turns):,}")
        mood = scorer.mood(turn.text, turn.before)
        ours.append(mood.score if given.figure == "score" else mood.abuse)
    truth = [turn.positive for turn in turns]
    lexicon = _area([vader(turn.text) for turn in turns], truth)
    report.figures.append(Figure(given.name, "AUC", _area(ours, truth), lexicon, given.known, given.to_reach))


def _betold(data: Path, report: Report, tell: Tell) -> None:
    given = calls(data)
    for name, some in (
        ("whole call", given),
        ("until the caller last spoke", [until_last_said(call) for call in given]),
    ):
        tell(name)
        found = measure_calls(some)
        limit = max(found.bag_of_intents, found.majority, found.always)
        report.figures.append(
            Figure(BETOLD, f"F1 of failed calls, {name}", found.head, known=_baselines(found), limit=limit)
        )


def _baselines(found: CallFigures) -> str:
    return f"bag of intents {found.bag_of_intents:.2f}, majority {found.majority:.2f}, all {found.always:.2f}"


def _outcomes(dialogues: Sequence[Dialogue], scorer: Scorer, tell: Tell) -> list[Outcome]:
    found = []
    for number, dialogue in enumerate(dialogues):
        tell(f"{number} of {len(dialogues)}")
        found.append(Outcome.of(dialogue, scorer))
    return found


def _as_dialogue(rated: RatedDialogue) -> Dialogue:
    return Dialogue(rated.id, "frustration" if rated.hot else NEVER, rated.turns, rated.hot)


def _area(scores: Sequence[float], truth: Sequence[bool]) -> float:
    pairs = list(zip(scores, truth, strict=True))
    return area_under_curve([score for score, true in pairs if true], [score for score, true in pairs if not true])


def _hits_from(limit: float, scores: Sequence[float], truth: Sequence[bool]) -> Hits:
    return Hits.of([score >= limit for score in scores], truth)

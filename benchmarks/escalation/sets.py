"""The public sets that are measured on. Nothing of them enters the project; a set that is not there is left out.

Each reader raises :class:`MissingSetError` where the set is not there, and
:class:`warmline.errors.CommandError` where a file is not what it should be.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.escalation.scoring import Role, Turn
from models.frustration.examples import NEGATIVE_EMOTIONS
from warmline.csv_files import read_columns
from warmline.errors import CommandError

MESSAGES_BEFORE: Final = 3
"""So many messages before a turn go with it, at the most."""
HOT_FROM: Final = 3.0
"""From this rating on, 0 to 4, a turn of the rated support dialogues counts as frustrated."""
DISSATISFIED_BELOW: Final = 2.75
"""Below this mean rating, 1 to 5, the user of a task dialogue counts as dissatisfied."""
OVERALL: Final = "OVERALL"
"""Stands in the place of a text where the whole dialogue is rated."""


class MissingSetError(Exception):
    """A set, or the part of it that is asked for, is not there; the message names what is looked for."""


@dataclass(frozen=True)
class LabelledTurn:
    """A turn, the messages before it, and whether it is what is looked for."""

    text: str
    positive: bool
    before: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class TurnSet:
    """Turns that a score should part, with what is known of others and what is to be reached."""

    name: str
    figure: Literal["score", "abuse"]
    read: Callable[[Path], Sequence[LabelledTurn]]
    known: str
    to_reach: float


@dataclass(frozen=True)
class Rating:
    """How frustrated three people found a turn, 0 (calm) to 4."""

    mean: float
    median: float


@dataclass(frozen=True)
class RatedDialogue:
    """A support dialogue with a rating for each turn; None for the agents' and for what nobody could rate."""

    id: str
    turns: tuple[Turn, ...]
    ratings: tuple[Rating | None, ...]

    @property
    def hot(self) -> tuple[int, ...]:
        """The places of the turns that were found frustrated."""
        return tuple(place for place, rating in enumerate(self.ratings) if rating and rating.median >= HOT_FROM)


@dataclass(frozen=True)
class Call:
    """A call to a voice bot: who spoke (``nlu`` the caller, ``nlg`` the bot), with what intent; whether it failed."""

    steps: tuple[tuple[str, str], ...]
    entities: tuple[str, ...]
    failed: bool


def support_dialogues(data: Path) -> list[RatedDialogue]:
    """Twitter support dialogues (Zuters and Leonova 2020) of which at least one turn was rated."""
    file = data / "twitter_support_frustration" / "turns_dev.csv"
    rows = _rows(file, "dialogue", "role", "text", "rating_mean", "rating_median")
    found = []
    for name, group in itertools.groupby(rows, key=lambda row: row[0]):
        turns, ratings = [], []
        for _, role, text, mean, median in group:
            turns.append(Turn(_role(file, role, {"USER": "customer", "SUPP": "agent"}), text))
            ratings.append(Rating(float(mean), float(median)) if median else None)
        if any(ratings):
            found.append(RatedDialogue(name, tuple(turns), tuple(ratings)))
    return found


def airline_tweets(data: Path) -> list[LabelledTurn]:
    """Tweets to US airlines: negative ones against the rest."""
    rows = _rows(data / "airline_sentiment" / "Tweets.csv", "text", "airline_sentiment")
    return [LabelledTurn(text, label == "negative") for text, label in rows]


def task_dialogues(data: Path) -> list[LabelledTurn]:
    """User satisfaction (Sun et al. 2021) on SGD: dissatisfied turns against the rest, each after those before it."""
    file = data / "uss_satisfaction" / "SGD.csv"
    rows = _rows(file, "dialogue", "role", "text", "rating_mean")
    found = []
    for _, group in itertools.groupby(rows, key=lambda row: row[0]):
        before: list[Turn] = []
        for _, role, text, mean in group:
            if text == OVERALL:
                continue
            turn = Turn(_role(file, role, {"USER": "customer", "SYSTEM": "bot"}), text)
            if mean and turn.role == "customer":
                context = tuple(before[-MESSAGES_BEFORE:])
                found.append(LabelledTurn(text, float(mean) < DISSATISFIED_BELOW, context))
            before.append(turn)
    return found


def comments(data: Path) -> list[LabelledTurn]:
    """GoEmotions (Demszky et al. 2020), official test part: the five emotions of frustration against the rest."""
    rows = _rows(data / "goemotions" / "test.csv", "text", "labels")
    return [LabelledTurn(text, bool(NEGATIVE_EMOTIONS & set(labels.split("|")))) for text, labels in rows]


def said_to_bots(data: Path) -> list[LabelledTurn]:
    """Convabuse (Cercas Curry et al. 2021), validation part: what most annotators find abusive against the rest."""
    columns = ("prev_agent", "prev_user", "agent", "user", "abusive_majority")
    roles: tuple[Role, ...] = ("bot", "customer", "bot")
    found = []
    for *before, text, label in _rows(data / "convabuse" / "valid.csv", *columns):
        said = (Turn(role, words) for role, words in zip(roles, before, strict=True) if words.strip(" _"))
        found.append(LabelledTurn(text, float(label) > 0, tuple(said)))
    return found


def calls(data: Path) -> list[Call]:
    """BETOLD (Terragni et al. 2022), validation part: calls as intents; the label is a late hang-up or forward."""
    file = _there(data / "betold" / "valid.jsonl")
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            call: dict[str, Any] = json.loads(line)
            spoken = call["utterances_annotations"]
            steps = tuple((str(one["caller_name"]), str(one["intent"])) for one in spoken)
            entities = tuple(str(entity["entity"]) for one in spoken for entity in one["entities"])
            found.append(Call(steps, entities, call["LUHF"] == "luhf"))
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(
                f"{file}, line {number}: no call as BETOLD has them ({error!r})", "fetch it anew"
            ) from error
    return found


TURN_SETS: Final = (
    TurnSet("airline tweets, negative", "score", airline_tweets, "VADER .75, tuned encoder .89", 0.91),
    TurnSet("user satisfaction SGD, turn below 2.75", "score", task_dialogues, "VADER .69, tuned encoder .77", 0.82),
    TurnSet("GoEmotions test, five emotions", "score", comments, "VADER .76, tuned encoder .90", 0.90),
    TurnSet("convabuse valid, abuse", "abuse", said_to_bots, "VADER .80", 0.92),
)


def _rows(file: Path, *columns: str) -> Iterator[tuple[str, ...]]:
    yield from read_columns(_there(file), columns)


def _there(file: Path) -> Path:
    if not file.exists():
        raise MissingSetError(str(file))
    return file


def _role(file: Path, name: str, roles: dict[str, Role]) -> Role:
    if name not in roles:
        raise CommandError(f"{file}: the role {name!r} is none of {', '.join(roles)}", "fetch the file anew")
    return roles[name]

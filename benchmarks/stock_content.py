"""The content of the stock Rasa: this project's own without the scoring, and stories for the policy that needs them."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from warmline.content.schema import training_files
from warmline.paths import PROJECT_ROOT

STOCK_FOLDER: Final = PROJECT_ROOT / "benchmarks" / "stock_rasa"
SCORING_SLOTS: Final = frozenset({"topic", "picture", "escalation"})
SCORING_ACTIONS: Final = frozenset({"action_validate_slot_mappings"})
"""Rasa calls an action of this name after every message; without it no turn is scored."""

EPOCHS: Final = re.compile(r"epochs: \d+")

Document = dict[str, Any]


@dataclass(frozen=True)
class StockContent:
    """All that a stock model is made of, ready to be written into a folder."""

    config: str
    domain: str
    stories: str
    data: tuple[Path, ...]

    @property
    def fingerprint(self) -> str:
        """A hash of the content: two models of the same fingerprint are trained on the same."""
        total = hashlib.sha256()
        for text in (self.config, self.domain, self.stories):
            total.update(hashlib.sha256(text.encode()).digest())
        for path in self.data:
            total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()[:16]


def stock_content(root: Path = PROJECT_ROOT, folder: Path = STOCK_FOLDER, *, epochs: int | None = None) -> StockContent:
    """What the stock Rasa is trained on, from the project's files as they now stand.

    ``epochs`` takes the place of Rasa's own 100: a model of fewer is trained sooner, answers in the same time, and is
    wrong more often.
    """
    data = training_files(root / "data")
    config = (folder / "config.yml").read_text(encoding="utf-8")
    return StockContent(
        config=config if epochs is None else EPOCHS.sub(f"epochs: {epochs}", config),
        domain=_dump(stock_domain(_load(root / "domain.yml"))),
        stories=_dump(stories_of(rule for path in data for rule in _load(path).get("rules") or ())),
        data=data,
    )


def stock_domain(domain: Mapping[str, Any]) -> Document:
    """Our domain without the slots that scoring fills and the action that fills them."""
    kept = dict(domain)
    kept["slots"] = {name: slot for name, slot in domain["slots"].items() if name not in SCORING_SLOTS}
    kept["actions"] = [name for name in domain["actions"] if name not in SCORING_ACTIONS]
    return kept


def stories_of(rules: Iterable[Mapping[str, Any]]) -> Document:
    """One short story around each rule that is answered by a response alone; TED learns from stories only.

    A story is the rule with a greeting and an FAQ question before it and thanks after it, each answered as its own
    rule says, so no story contradicts a rule.
    """
    answers = dict(pair for rule in rules if (pair := _answered_by_response(rule)) is not None)
    frame = [intent for intent in ("greet", "faq") if intent in answers]
    stories = []
    for intent in answers:
        steps = list(_steps(answers, [*frame, intent, *_closing(answers, intent)]))
        stories.append({"story": f"around {intent}", "steps": steps})
    return {"version": "3.1", "stories": stories}


def _closing(answers: Mapping[str, str], intent: str) -> list[str]:
    return ["thanks"] if "thanks" in answers and intent != "thanks" else []


def _steps(answers: Mapping[str, str], intents: Sequence[str]) -> Iterator[dict[str, str]]:
    for intent in intents:
        yield {"intent": intent}
        yield {"action": answers[intent]}


def _answered_by_response(rule: Mapping[str, Any]) -> tuple[str, str] | None:
    """Intent and response of a rule that has these two steps and nothing else."""
    steps: list[Any] = list(rule.get("steps") or ())
    if rule.get("condition") or len(steps) != 2 or "intent" not in steps[0] or "action" not in steps[1]:
        return None
    intent, action = str(steps[0]["intent"]), str(steps[1]["action"])
    return (intent, action) if action.startswith("utter_") else None


def _load(path: Path) -> Document:
    content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}


def _dump(document: Document) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    text = io.StringIO()
    yaml.dump(document, text)
    return text.getvalue()

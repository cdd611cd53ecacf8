"""What the content team keeps for the desk: canned responses (``data/canned/*.yml``) and macros (``data/macros.yml``).

Every mistake is told at once, each with its mend. Files are looked at again when somebody asks, at most once a second;
while one cannot be used, because somebody is editing it, the last good content stays in force.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from handoff.contract import Category
from handoff.domain.canned import CannedResponse, Place, best_in, strange_places
from warmline.policy import EscalationPolicy

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS: Final = 1.0
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Title = Annotated[str, Field(min_length=1, max_length=80)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Line = Annotated[str, Field(min_length=1, max_length=1000)]
File = TypeVar("File", bound=BaseModel)


class DeskContentError(Exception):
    """The desk's content cannot be used; the message names every mistake, each on a line, and its mend."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CannedEntry(_Closed):
    """One response as it stands in a file."""

    id: Name
    title: Title
    category: Category | None = None
    keywords: tuple[str, ...] = ()
    text: Text


class CannedFile(_Closed):
    """A file of ``data/canned``."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    canned: tuple[CannedEntry, ...]


class NextUpdate(_Closed):
    """Promise the next word."""

    minutes: Annotated[int, Field(ge=1, le=60 * 24 * 14)]
    reason: Line


class Severity(_Closed):
    """Correct how severe it is."""

    severity: Annotated[int, Field(ge=1, le=4)]
    reason: Line


class Move(_Closed):
    """Transfer (with ``category``) or escalate (without)."""

    category: Category | None = None
    tried: Line
    next_step: Line


class Resolve(_Closed):
    """Close the case."""

    disposition: Name
    root_cause: Name
    outcome: Line


class MacroStep(_Closed):
    """One thing that a macro does: exactly one of these."""

    reply: Text | None = None
    canned: Name | None = None
    note: Line | None = None
    next_update: NextUpdate | None = None
    severity: Severity | None = None
    transfer: Move | None = None
    escalate: Move | None = None
    resolve: Resolve | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> MacroStep:
        if len(self.model_fields_set) != 1 or getattr(self, self.kind) is None:
            raise ValueError(f"a step has exactly one of {', '.join(type(self).model_fields)}")
        return self

    @property
    def kind(self) -> str:
        """Which of them it is."""
        return next(iter(self.model_fields_set))

    @property
    def ends_ownership(self) -> bool:
        """After it the case is no longer the agent's, so nothing can follow."""
        return self.kind in ("transfer", "escalate", "resolve")

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything in it that may hold places."""
        part = getattr(self, self.kind)
        if isinstance(part, str):
            return () if self.kind == "canned" else (part,)
        return tuple(value for value in part.model_dump().values() if isinstance(value, str))


class Macro(_Closed):
    """Several actions in one. ``categories`` empty: for any case."""

    name: Name
    title: Title
    about: Line
    categories: tuple[Category, ...] = ()
    steps: Annotated[tuple[MacroStep, ...], Field(min_length=1, max_length=8)]


class MacroFile(_Closed):
    """``data/macros.yml``."""

    macros: tuple[Macro, ...]


@dataclass(frozen=True, slots=True)
class DeskContent:
    """What is offered at the desk."""

    responses: tuple[CannedResponse, ...] = ()
    macros: tuple[Macro, ...] = ()

    def macro(self, name: str) -> Macro | None:
        """The macro of this name."""
        return next((macro for macro in self.macros if macro.name == name), None)


def load_desk_content(data_dir: Path, policy: EscalationPolicy) -> DeskContent:
    """Read and check all of it. Without the files there is nothing to offer. Raises ``DeskContentError``."""
    faults: list[str] = []
    responses: list[CannedResponse] = []
    for path in sorted((data_dir / "canned").glob("*.yml")):
        responses += _responses(path, faults)
    twice = [key for key, count in Counter((one.id, one.language) for one in responses).items() if count > 1]
    faults += [f"canned: {name} stands twice in the language {tag}; give one another id" for name, tag in twice]
    path = data_dir / "macros.yml"
    file = _read(path, MacroFile, faults) if path.exists() else None
    macros = file.macros if file else ()
    faults += _macro_faults(macros, responses, policy)
    if faults:
        raise DeskContentError("\n".join(faults))
    return DeskContent(tuple(responses), macros)


def _read(path: Path, model: type[File], faults: list[str]) -> File | None:
    try:
        return model.model_validate(YAML(typ="safe").load(path))
    except YAMLError as error:
        faults.append(f"{path.name}: {' '.join(str(error).split())}; mend the YAML there")
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            where = ".".join(str(part) for part in fault["loc"]) or "the file"
            faults.append(f"{path.name}: {where}: {fault['msg']}; compare with the entries around it")
    return None


def _responses(path: Path, faults: list[str]) -> list[CannedResponse]:
    file = _read(path, CannedFile, faults)
    if file is None:
        return []
    for one in file.canned:
        faults += _strange(f"{path.name}: {one.id}", one.text)
    return [
        CannedResponse(one.id, one.title, file.language, one.text.strip(), one.category, one.keywords)
        for one in file.canned
    ]


def _strange(where: str, *texts: str) -> list[str]:
    return [
        f"{where} holds {place!r}; in braces may stand {', '.join(Place)}"
        for text in texts
        for place in strange_places(text)
    ]


def _macro_faults(macros: Iterable[Macro], responses: list[CannedResponse], policy: EscalationPolicy) -> list[str]:
    faults: list[str] = []
    causes = {cause for group in policy.root_causes.values() for cause in group.causes}
    for name, count in Counter(macro.name for macro in macros).items():
        if count > 1:
            faults.append(f"macros.yml: {name} stands {count} times; give each a name of its own")
    for macro in macros:
        for number, step in enumerate(macro.steps, start=1):
            where = f"macros.yml: {macro.name}, step {number}"
            faults += _strange(where, *step.texts)
            if step.ends_ownership and number < len(macro.steps):
                faults.append(f"{where}: after {step.kind} the case is somebody else's; make it the last step")
            if step.canned and best_in(responses, step.canned, None) is None:
                faults.append(f"{where}: there is no canned response {step.canned!r} in English")
            if step.transfer and step.transfer.category is None:
                faults.append(f"{where}: transfer needs a category")
            if step.escalate and step.escalate.category is not None:
                faults.append(f"{where}: escalate keeps the queue; take the category away")
            if step.resolve and step.resolve.disposition not in policy.dispositions:
                known = ", ".join(policy.dispositions)
                faults.append(f"{where}: there is no disposition {step.resolve.disposition!r}; there are {known}")
            if step.resolve and step.resolve.root_cause not in causes:
                known = ", ".join(sorted(causes))
                faults.append(f"{where}: there is no root cause {step.resolve.root_cause!r}; there are {known}")
    return faults


class LiveDeskContent:
    """The desk's content as it is now. ``now`` reads files, so it belongs in a thread."""

    def __init__(self, data_dir: Path, policy: EscalationPolicy, clock: Callable[[], float]) -> None:
        """Raises ``DeskContentError`` when it cannot be used from the start. ``clock`` tells seconds that only grow."""
        self._data_dir = data_dir
        self._clock = clock
        self._looked = clock()
        self._signature = self._files()
        self._content = load_desk_content(data_dir, policy)

    def now(self, policy: EscalationPolicy) -> DeskContent:
        """Everything that is offered, as it was last read without a mistake."""
        moment = self._clock()
        if moment - self._looked >= LOOK_EVERY_SECONDS:
            self._looked = moment
            signature = self._files()
            if signature != self._signature:
                self._signature = signature
                try:
                    self._content = load_desk_content(self._data_dir, policy)
                except (DeskContentError, OSError) as error:
                    log.warning("desk_content_not_used", problem=str(error), kept=True)
        return self._content

    def _files(self) -> tuple[tuple[str, int, int], ...]:
        paths = [*sorted((self._data_dir / "canned").glob("*.yml")), self._data_dir / "macros.yml"]
        stats = [(path.name, path.stat()) for path in paths if path.exists()]
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)

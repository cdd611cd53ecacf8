"""The content team's files that actions read: ``choices.yml``, ``troubleshooting.yml`` and ``another_answer.yml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from actions.dialogue.turn import Option
from actions.shop.model import OrderState

CHOICES_FILE: Final = "choices.yml"
TROUBLESHOOTING_FILE: Final = "troubleshooting.yml"
OTHERS_FILE: Final = "another_answer.yml"
NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "change_kind": frozenset({"address", "quantity", "something_else"}),
    "problem_kind": frozenset({"damaged", "missing", "wrong"}),
    "pause_months": frozenset({"1", "2", "3"}),
    "repair_wish": frozenset({"change"}),
}
"""The answers that the program knows what to do with; the file gives each its title."""
NEEDED_NAMES: Final[Mapping[str, frozenset[str]]] = {"order_state": frozenset(state.value for state in OrderState)}
"""The values that the program puts into a list; the file says how each is called there."""
ORDER_LINK: Final = "order"
NUMBER_IN_LINK: Final = "{order_number}"


def _link(value: str) -> str:
    if not re.fullmatch(r"https://[^\s<>\"'`{}]+", value.replace(NUMBER_IN_LINK, "")):
        raise ValueError(f"needs an https address; only {NUMBER_IN_LINK} may stand in braces")
    return value


Words = Annotated[str, Field(min_length=1)]
Link = Annotated[str, Field(max_length=300), AfterValidator(_link)]
Content = TypeVar("Content", bound=BaseModel)


class ContentError(ValueError):
    """A content file cannot be used; the message says where and why."""


class ContentModel(BaseModel):
    """A closed part of a content file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Choice(ContentModel):
    """One answer of a question: the button's title, and the words that say the same."""

    title: Words
    words: tuple[Words, ...] = ()


class Choices(ContentModel):
    """The fixed answers of the forms, by question."""

    choices: dict[str, dict[str, Choice]]
    names: dict[str, dict[str, Words]] = {}
    doubled: tuple[Words, ...] = ()
    links: dict[Literal["order"], Link] = {}

    def options(self, question: str) -> tuple[Option, ...]:
        """The answers of a question, in the file's order."""
        return tuple(Option(value, choice.title, choice.words) for value, choice in self.choices[question].items())


class Symptom(ContentModel):
    """One way in which a device fails, with the steps that may mend it, simplest first."""

    title: Words
    words: tuple[Words, ...] = ()
    steps: Annotated[tuple[Words, ...], Field(min_length=1)]


class DeviceGuide(ContentModel):
    """The symptoms of one kind of device."""

    title: Words
    words: tuple[Words, ...] = ()
    symptoms: Annotated[dict[str, Symptom], Field(min_length=1)]

    def options(self) -> tuple[Option, ...]:
        """The symptoms as the answers of a question."""
        return tuple(Option(name, symptom.title, symptom.words) for name, symptom in self.symptoms.items())


class Guides(ContentModel):
    """Step-by-step help, by kind of device."""

    devices: Annotated[dict[str, DeviceGuide], Field(min_length=1)]

    def options(self) -> tuple[Option, ...]:
        """The devices as the answers of a question."""
        return tuple(Option(name, guide.title, (name, *guide.words)) for name, guide in self.devices.items())


class OtherAnswers(ContentModel):
    """What else may help where an answer did not: by topic or pattern of topics, the best first."""

    another_answer: dict[Words, tuple[Words, ...]] = {}

    def of(self, topic: str) -> tuple[str, ...]:
        """The other topics of ``topic``, from the first line that fits; none where there is no such line."""
        lines = self.another_answer.items()
        return next((others for pattern, others in lines if fnmatchcase(topic, pattern)), ())


def load_choices(folder: Path) -> Choices:
    """The choices of the data folder. Raises :class:`ContentError`."""
    path = folder / CHOICES_FILE
    choices = _load(path, Choices)
    for question, needed in NEEDED.items():
        given = set(choices.choices.get(question, {}))
        if given != needed:
            raise ContentError(f"{path}: choices.{question}: needs exactly the answers {', '.join(sorted(needed))}")
    for kind, values in NEEDED_NAMES.items():
        if set(choices.names.get(kind, {})) != values:
            raise ContentError(f"{path}: names.{kind}: needs exactly the values {', '.join(sorted(values))}")
    return choices


def load_guides(folder: Path) -> Guides:
    """The troubleshooting guides of the data folder. Raises :class:`ContentError`."""
    return _load(folder / TROUBLESHOOTING_FILE, Guides)


def load_other_answers(folder: Path) -> OtherAnswers:
    """What else may help, by topic; nothing where there is no such file. Raises :class:`ContentError`."""
    path = folder / OTHERS_FILE
    return _load(path, OtherAnswers) if path.exists() else OtherAnswers()


def _load(path: Path, model: type[Content]) -> Content:
    try:
        raw: Any = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise ContentError(f"{path}: cannot be read: {error}") from error
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        lines = [
            f"{path}: {'.'.join(str(step) for step in problem['loc']) or 'file'}: {problem['msg']}"
            for problem in error.errors(include_url=False)
        ]
        raise ContentError("\n".join(lines)) from error

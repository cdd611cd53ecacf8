"""The conditional rules that operations write (P8): when all of this is so, offer a person or hand over."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from warmline.policy.base import Count, Level, PolicyModel, Pounds, Severity, Share, Text

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")


def _named(value: str) -> str:
    if _NAME.fullmatch(value) is None:
        raise ValueError("write small letters, digits and underscores (2 to 40), a letter first, such as shop_closed")
    return value


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


OneOrMore = Annotated[tuple[Text, ...], BeforeValidator(_one_or_more)]


class RuleConditions(PolicyModel):
    """What must all be so; of a list, one entry is enough. Amounts are in pounds, frustration is 0 to 1."""

    phrases: OneOrMore = ()
    unless: OneOrMore = ()
    category: OneOrMore = ()
    topic: OneOrMore = ()
    tier: OneOrMore = ()
    amount_from: Pounds | None = None
    frustration_from: Share | None = None
    contacts_from: Count | None = None
    turns_from: Count | None = None
    minutes_from: Annotated[float, Field(gt=0.0)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.given - {"unless"}:
            raise ValueError("a rule without a condition fits every turn; give at least one")
        if self.unless and not self.phrases:
            raise ValueError("unless overlooks words of phrases; give phrases too, or remove it")
        return self

    @property
    def given(self) -> set[str]:
        """The names of the conditions that are given."""
        return {name for name, value in self if value not in (None, ())}


class RuleOutcome(PolicyModel):
    """What then happens. Without ``category`` the case goes where its topic belongs."""

    action: Literal["offer", "now"]
    label: Text | None = None
    category: Text | None = None
    severity: Severity = 3
    level: Level = 1


class RulePolicy(PolicyModel):
    """One rule; its name stands in the evidence of the cases that it makes."""

    name: Annotated[str, AfterValidator(_named)]
    when: RuleConditions
    then: RuleOutcome

    @property
    def label(self) -> str:
        """What people call it."""
        return self.then.label or self.name.replace("_", " ").capitalize()

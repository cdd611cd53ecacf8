"""Every key of the escalation policy is described on its page, and no key that does not exist (P15)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from warmline.paths import PROJECT_ROOT
from warmline.policy import EscalationPolicy

PAGE = (PROJECT_ROOT / "docs" / "escalation-policy.md").read_text(encoding="utf-8")
REFERENCE = PAGE[PAGE.index("## Every key") :].partition("\n## ")[0]


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The parts of the policy that a field holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models(argument)


def keys(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """Every key below a part that holds no further keys, with those above it; NAME is one that the file chooses."""
    for name, field in model.model_fields.items():
        parts = tuple(models(field.annotation))
        chosen = "NAME." if "dict[" in str(field.annotation) else ""
        for part in parts:
            yield from keys(part, f"{before}{name}.{chosen}")
        if not parts and f"{before}{name}" != "version":
            yield f"{before}{name}"


KEYS = tuple(dict.fromkeys(keys(EscalationPolicy)))


def test_the_policy_has_many_keys() -> None:
    assert len(KEYS) > 90
    assert {"signals.frustration.offer_at_once", "categories.NAME.topics", "conditional_rules.when.phrases"} <= set(
        KEYS
    )


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_the_policy_is_described(key: str) -> None:
    assert re.search(rf"^\| `{re.escape(key)}` \| \S", REFERENCE, re.MULTILINE)


def test_no_key_is_described_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `([\w.]+)` \|", REFERENCE, re.MULTILINE)) <= set(KEYS)

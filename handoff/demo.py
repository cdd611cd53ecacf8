"""The people of the demo, from ``data/demo/people.yml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from handoff.contract import Category, Tier
from handoff.domain.people import Role


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DemoContact(_Closed):
    """A conversation that a demo customer already had."""

    days_ago: Annotated[int, Field(ge=0, le=30)]
    topic: str
    said: str
    answered: str


class DemoCustomer(_Closed):
    """A customer whom the demo shop can sign in."""

    id: str
    name: str
    email: str
    tier: Tier
    earlier_contacts: tuple[DemoContact, ...] = ()


class DemoAgent(_Closed):
    """A member of staff of the demo."""

    id: str
    name: str
    email: str
    role: Role
    level: int
    queues: tuple[Category, ...]
    capacity: Annotated[int, Field(ge=0)] = 6
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()


class DemoPeople(_Closed):
    """Everybody in the demo; ``demo_password`` signs every agent in."""

    demo_password: str
    agents: tuple[DemoAgent, ...]
    customers: tuple[DemoCustomer, ...]


def load_demo_people(data_dir: Path) -> DemoPeople:
    """Read the file; raises ``OSError`` or ``ValidationError``, both of which name what is wrong."""
    path = data_dir / "demo" / "people.yml"
    return DemoPeople.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))

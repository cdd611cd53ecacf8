"""The people of the demo, from ``data/demo/people.yml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from handoff.contract import Category, Tier
from handoff.domain.people import Role


class DemoPeopleError(Exception):
    """The demo's people cannot be read; the message names the file and what is wrong. The cause is the fault itself."""


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
    """Read the file. Raises ``DemoPeopleError``."""
    path = data_dir / "demo" / "people.yml"
    try:
        return DemoPeople.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in error.errors())
        raise DemoPeopleError(f"{path}: {', '.join(faults)}") from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise DemoPeopleError(f"{path} cannot be read: {' '.join(str(error).split())}") from error

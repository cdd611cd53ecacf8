"""How many handoffs the people at the desk can take in each hour of the day."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from warmline.errors import CommandError, ExitCode
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, environment_python
from warmline.policy import EscalationPolicy
from warmline.policy.base import PolicyModel
from warmline.policy.business_hours import Holidays, TimeZone, Week
from warmline.policy.hours import Hours

CASES_PER_HOUR: Final = 4.0
"""Cases that one agent takes in an hour, a quarter of an hour each, where nothing else is said."""
HOURS: Final = 24
STEP: Final = timedelta(minutes=15)
"""Hours are looked at so often: shifts begin and end at quarters of an hour."""
EXAMPLE: Final = "{agents: 3, weekly: {monday-friday: 08:00-20:00, saturday-sunday: closed}}"


@dataclass(frozen=True)
class Team:
    """So many agents who are there while one of these hours says so."""

    agents: int
    hours: tuple[Hours, ...]

    def is_there(self, at: datetime) -> bool:
        """Say whether they are there at the moment ``at``."""
        return any(hours.is_open(at) for hours in self.hours)


@dataclass(frozen=True)
class Staffing:
    """Who is there when, and how many cases one agent takes in an hour.

    ``told_by`` says from where that is known, ``zone`` whose clock it goes by, None where the policy says.
    """

    teams: tuple[Team, ...]
    cases_per_hour: float
    told_by: str
    zone: tzinfo | None = None

    def capacity(self, first: date, last: date, zone: tzinfo) -> tuple[float, ...]:
        """Return the cases that can be taken in each hour of the day by the clock of ``zone``, a mean of these days."""
        sums = [0.0] * HOURS
        days = (last - first).days + 1
        moment = datetime.combine(first, time(), zone).astimezone(UTC)
        end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
        while moment < end:
            there = sum(team.agents for team in self.teams if team.is_there(moment))
            sums[moment.astimezone(zone).hour] += there * (STEP / timedelta(hours=1))
            moment += STEP
        return tuple(total / days * self.cases_per_hour for total in sums)


class _Shift(PolicyModel):
    agents: Annotated[int, Field(ge=1)]
    weekly: Week


class _File(PolicyModel):
    time_zone: TimeZone
    cases_per_hour: Annotated[float, Field(gt=0)] = CASES_PER_HOUR
    shifts: Annotated[tuple[_Shift, ...], Field(min_length=1)]
    holidays: Holidays = Field(default_factory=dict)


def read_staffing(path: Path) -> Staffing:
    """Return what a staffing file says.

    Raises:
        CommandError: it is not there, or says something that cannot be meant.
    """
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        read = _File.model_validate(content)
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror}", "give a staffing file", ExitCode.USAGE
        ) from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is no YAML: {error}", "write it as UTF-8 and YAML", ExitCode.USAGE) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        mend = f"it needs time_zone and shifts, each such as {EXAMPLE}"
        raise CommandError(f"{path}: {where}: {first['msg']}", mend, ExitCode.USAGE) from error
    zone = ZoneInfo(read.time_zone)
    teams = tuple(Team(shift.agents, (Hours(zone, shift.weekly, read.holidays),)) for shift in read.shifts)
    return Staffing(teams, read.cases_per_hour, path.name, zone)


def staff_at_the_desk(policy: EscalationPolicy) -> Staffing:
    """Return the agents that handoff knows, each there while one of their queues is, by the policy's business hours.

    Raises:
        CommandError: handoff's database cannot be read.
    """
    command = [str(environment_python(APP_ENVIRONMENT)), "-m", "handoff.staff", "list", "--json"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise CommandError(f"the staff cannot be read: {said}", "run `warmline setup`, or give --staffing FILE")
    found = json.loads(done.stdout)
    return staff_of(policy, [agent["queues"] for agent in found if agent["active"] and agent["role"] == "agent"])


def staff_of(policy: EscalationPolicy, queues: Sequence[Sequence[str]]) -> Staffing:
    """Return the staffing by agents of whom each serves these queues."""
    alike = Counter(tuple(sorted(served)) for served in queues if served)
    teams = tuple(Team(number, tuple(_distinct(map(policy.hours_of, served)))) for served, number in alike.items())
    return Staffing(teams, CASES_PER_HOUR, "the staff of the desk and the business hours")


def _distinct(hours: Iterable[Hours]) -> list[Hours]:
    found: list[Hours] = []
    for one in hours:
        if one not in found:
            found.append(one)
    return found

"""The escalation policy in force: taken over from the file without a restart, and never given up for a broken one.

**An edit.** The file is looked at once a second; nobody is told of a file that still changes from one look to the next,
because it may be half written. Then it is read and checked, and either it is in force from the next turn on, or it is
broken: that is logged once for each content, :class:`PolicyState` (and with it the health answer and ``warmline
doctor``) says so, and the policy that was in force stays.

**A start.** A process that comes up while the file is broken takes the last good policy of this installation, whose
text is kept in the state folder, and says so as loudly as after a broken edit. It does so whoever starts it, for it
cannot know: to a process, its supervisor's restart after a crash (ours, systemd's or a container's) looks like any
other start, and a desk that stayed down because of a crash in the minute after a slip of the pen would be the worse
mistake. The one start in front of which a person sits is ``warmline up``, and that refuses a broken file before it
starts anything. Without a copy, or with one that this version of the program cannot read, the file's errors stop the
process.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from warmline.paths import PROJECT_ROOT
from warmline.policy.load import PolicyError, parse_policy, read_policy, version_of
from warmline.policy.model import EscalationPolicy

log = structlog.get_logger(__name__)

WATCH_SECONDS: Final = 1.0
"""Between two looks at the file. A look costs one call to the file system."""

_Signature = tuple[int, int, int, int] | None


@dataclass(frozen=True)
class PolicyState:
    """The policy in force since ``since``, and what is wrong with the file on disk, if it says something else."""

    policy: EscalationPolicy
    since: datetime
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as the health answers tell it."""
        return {
            "policy": self.policy.version,
            "policy_since": self.since.isoformat(timespec="seconds"),
            "policy_problem": self.problem,
        }


class LivePolicy:
    """The policy in force in one process. Whoever works on something takes ``policy`` once and keeps to it."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime], copy: Path | None = None) -> None:
        """Take the file at ``path``, or the last good ``copy`` where the file is broken.

        Raises:
            PolicyError: the file is broken, and there is no copy that could be used.
        """
        self._path, self._clock, self._copy = path, clock, copy
        self._told: set[str] = set()
        self._known = self._settling = _signature(path)
        content = b""
        try:
            content = read_policy(path)
            policy = parse_policy(path, content)
        except PolicyError as error:
            self._state = PolicyState(self._last_good(error), clock(), _told_briefly(error))
            self._tell(error, content)
            return
        self._state = PolicyState(policy, clock())
        self._keep(content)

    @property
    def policy(self) -> EscalationPolicy:
        """The policy in force."""
        return self._state.policy

    @property
    def state(self) -> PolicyState:
        """The policy in force, since when, and what is wrong with the file, if anything."""
        return self._state

    def text(self) -> str | None:
        """Return the policy in force as it is written; None where neither the file nor the copy has it any more."""
        for path in filter(None, (self._path, self._copy)):
            try:
                content = read_policy(path)
            except PolicyError:
                continue
            if version_of(content) == self._state.policy.version:
                return content.decode("utf-8")
        return None

    def check(self) -> bool:
        """Look at the file once; returns whether another policy is in force now."""
        found, before = _signature(self._path), self._settling
        self._settling = found
        if found == self._known or found != before:
            return False
        content = b""
        try:
            content = read_policy(self._path)
            if _signature(self._path) != found:
                return False
            self._known = found
            if version_of(content) == self._state.policy.version:
                self._mended()
                return False
            policy = parse_policy(self._path, content)
        except PolicyError as error:
            self._known = found
            self._state = replace(self._state, problem=_told_briefly(error))
            self._tell(error, content)
            return False
        replaced, self._state = self._state.policy.version, PolicyState(policy, self._clock())
        log.info("policy_in_force", file=_shown(self._path), policy=policy.version, before=replaced)
        self._keep(content)
        return True

    async def keep_watching(
        self,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
        replaced: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        """Look at the file every ``WATCH_SECONDS`` until cancelled; reading and checking hold up no turn.

        ``replaced`` is called whenever another policy is in force.
        """
        while True:
            await pause(WATCH_SECONDS)
            try:
                if await asyncio.to_thread(self.check) and replaced is not None:
                    await replaced()
            except Exception:
                # Whatever it is, the policy in force stays, and the next look may fare better.
                log.exception("policy_not_looked_at", file=_shown(self._path))

    def _mended(self) -> None:
        if self._state.problem is not None:
            self._state = replace(self._state, problem=None)
            log.info("policy_file_mended", file=_shown(self._path), policy=self._state.policy.version)

    def _tell(self, error: PolicyError, content: bytes) -> None:
        if (version := version_of(content)) not in self._told:
            self._told.add(version)
            log.error(
                "policy_file_broken",
                file=_shown(self._path),
                problems=[f"line {problem.line}: {problem.where}: {problem.what}" for problem in error.problems],
                in_force=self._state.policy.version,
                since=self._state.since.isoformat(timespec="seconds"),
            )

    def _last_good(self, error: PolicyError) -> EscalationPolicy:
        if self._copy is None or not self._copy.exists():
            raise error
        try:
            return parse_policy(self._copy, read_policy(self._copy))
        except PolicyError:
            raise error from None

    def _keep(self, content: bytes) -> None:
        """Write the copy, whole or not at all: both processes do so, and one may be killed while it does."""
        if self._copy is None:
            return
        try:
            if self._copy.exists() and self._copy.read_bytes() == content:
                return
            self._copy.parent.mkdir(parents=True, exist_ok=True)
            new = self._copy.with_name(f".{self._copy.name}.{os.getpid()}")
            new.write_bytes(content)
            new.replace(self._copy)
        except OSError as error:
            log.warning("policy_copy_not_kept", file=str(self._copy), why=str(error))


def _signature(path: Path) -> _Signature:
    """Return what changes whenever the file is written, replaced or renamed over; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _told_briefly(error: PolicyError) -> str:
    """Return the first problem, without the folders of this machine: the health answer is for everybody."""
    first, more = error.problems[0], len(error.problems) - 1
    rest = f" (and {more} more)" if more else ""
    return f"{_shown(error.path)}, line {first.line}: {first.where}: {first.what}{rest}"


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else path.name)

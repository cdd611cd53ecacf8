"""The secrets by which the processes and the website trust each other.

They come from ``WARMLINE_SECRET_*`` where an operator hands them in, and else from ``secrets.json`` in the
state folder, which set-up writes once with mode 0600. Nothing but set-up ever creates that file: a service
that finds no secret stops and says so, because one made up on the fly would sign out every customer at each
restart.
"""

from __future__ import annotations

import json
import os
import secrets as token_source
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

ENVIRONMENT_PREFIX: Final = "WARMLINE_SECRET_"
MINIMUM_LENGTH: Final = 32
"""Characters; HS256 wants a key of at least 32 bytes (RFC 7518, section 3.2)."""

_ANEW: Final = "restore it from a backup, or `rm {file} && make setup`, after which all sign in again"


class SecretsError(Exception):
    """A secret is missing, too short, or lies in a file that others may read."""


@dataclass(frozen=True)
class Secrets:
    """All secrets of one installation. Their ``repr`` shows no value, so that none reaches a log."""

    internal: str
    """Bearer between Rasa and the action server, and between the action server and handoff."""
    rasa: str
    """Token of Rasa's HTTP API."""
    customer_token: str
    """HS256 key of the tokens that handoff gives to customers."""
    site_identity: str
    """HS256 key by which a website vouches for its signed-in customers."""
    metrics: str
    """Bearer by which a monitoring system reads ``/metrics``, and which opens nothing else."""

    def __repr__(self) -> str:
        return "Secrets(<not shown>)"

    @classmethod
    def generate(cls) -> Secrets:
        """New random secrets of 256 bits each."""
        return cls(**{field.name: token_source.token_urlsafe(32) for field in fields(cls)})


def environment_name(secret: str) -> str:
    """The environment variable that sets ``secret``: ``rasa`` -> ``WARMLINE_SECRET_RASA``."""
    return ENVIRONMENT_PREFIX + secret.upper()


def load_secrets(file: Path, environment: Mapping[str, str]) -> Secrets:
    """The secrets from the environment, and what it does not set from ``file``.

    Raises :class:`SecretsError` when one is missing or too short, or when others may read the file.
    """
    stored = _read(file) if file.exists() else {}
    values = {field.name: environment.get(environment_name(field.name), "") for field in fields(Secrets)}
    values = {name: value or stored.get(name, "") for name, value in values.items()}
    missing = sorted(name for name, value in values.items() if not value)
    if missing:
        raise SecretsError(
            f"no secret {', '.join(missing)} in {file}: run `make setup`, "
            f"or set {', '.join(environment_name(name) for name in missing)}"
        )
    short = sorted(name for name, value in values.items() if len(value) < MINIMUM_LENGTH)
    if short:
        raise SecretsError(
            f"secret {', '.join(short)} is shorter than {MINIMUM_LENGTH} characters: use a longer random one"
        )
    return Secrets(**values)


def ensure_secrets(file: Path) -> bool:
    """Makes what is missing in ``file``; keeps what is there. True when something was made.

    Raises :class:`SecretsError` when the file is there but cannot be trusted or read.
    """
    stored = _read(file) if file.exists() else {}
    complete = {**asdict(Secrets.generate()), **{name: value for name, value in stored.items() if value}}
    if complete == stored:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(complete, handle, indent=2)
        handle.write("\n")
    draft.replace(file)
    return True


def others_may_read(file: Path) -> bool:
    """Whether group or world has any right on ``file`` (always False where the system has no such modes)."""
    return os.name == "posix" and bool(stat.S_IMODE(file.stat().st_mode) & 0o077)


def _read(file: Path) -> dict[str, str]:
    if others_may_read(file):
        raise SecretsError(f"{file} may be read by others on this machine: run `chmod 600 {file}`")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SecretsError(f"{file} is damaged and cannot be read: {_ANEW.format(file=file)}") from error
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise SecretsError(f"{file} is damaged, it must hold one JSON object of strings: {_ANEW.format(file=file)}")
    known = {field.name for field in fields(Secrets)}
    return {name: value for name, value in content.items() if name in known}

"""The settings of one installation, read once from ``WARMLINE_*`` environment variables.

Every process reads the same settings; ``docs/settings.md`` describes each of them. A value that is wrong, and
a ``WARMLINE_*`` name that does not exist, stop the process with a message that says how to mend it.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
from collections.abc import Mapping
from email.utils import parseaddr
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from warmline.paths import PROJECT_ROOT, from_root
from warmline.plain_words import plain_words
from warmline.secrets import ENVIRONMENT_PREFIX as SECRET_PREFIX
from warmline.secrets import Secrets, SecretsError, environment_name, load_secrets

PREFIX: Final = "WARMLINE_"
FOLDER_NAMES: Final = {
    "var_dir": "WARMLINE_VAR",
    "data_dir": "WARMLINE_DATA",
    "models_dir": "WARMLINE_MODELS",
}
LAUNCHER_NAMES: Final = (
    "WARMLINE_PYTHON310",
    "WARMLINE_BROWSER",
    "WARMLINE_REQUIRE_BROWSER",
    "WARMLINE_TEST_POSTGRES",
)
"""Not read here, but by the bootstrap and by the tests."""
DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
"""What HTML's e-mail field takes (WHATWG HTML, 4.10.5.1.5), with at least one dot in the domain."""

Port = Annotated[int, Field(ge=0, le=65535)]


Network = IPv4Network | IPv6Network


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what it must be."""


class Settings(BaseSettings):
    """What an operator may change about one installation, with defaults that serve one machine."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=None, frozen=True, extra="forbid", populate_by_name=True
    )

    host: str = "127.0.0.1"
    """Address on which handoff, the only public process, listens."""
    port: Port = 8080
    """Port of handoff; 0 lets the system choose one, which only tests want."""
    rasa_port: Port = 5005
    """Loopback port of Rasa."""
    actions_port: Port = 5055
    """Loopback port of the action server."""
    var_dir: Path = Field(default=PROJECT_ROOT / "var", validation_alias=FOLDER_NAMES["var_dir"])
    """Folder of everything that changes while Warmline runs: databases, secrets, logs."""
    data_dir: Path = Field(default=PROJECT_ROOT / "data", validation_alias=FOLDER_NAMES["data_dir"])
    """Folder of the content team: training data, FAQ, wording, the escalation matrix."""
    models_dir: Path = Field(default=PROJECT_ROOT / "models", validation_alias=FOLDER_NAMES["models_dir"])
    """Folder of the trained assistants (``*.tar.gz``)."""
    database_url: str = Field(default_factory=lambda data: f"sqlite+aiosqlite:///{data['var_dir']}/handoff.db")
    """SQLAlchemy URL of handoff's database: SQLite or PostgreSQL."""
    shop_url: str | None = None
    """Base URL of the company's own systems; None means the demo shop in the state folder."""
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Further website origins that may embed the widget; handoff's own origin always may."""
    public_url: str = Field(default_factory=lambda data: _own_url(data["host"], data["port"]))
    """How browsers reach handoff, without a slash at the end."""
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    """Addresses and networks of reverse proxies before handoff, whose ``X-Forwarded-For`` is believed."""
    demo: bool = True
    """Whether the Larkfield Home demo is seeded and its shop page is served."""
    files_as_written: bool = False
    """Whether the widget's files are sent with their comments and blanks, for whoever reads along in the browser."""
    messages_per_10_seconds: Annotated[int, Field(ge=1)] = 20
    """Messages that one conversation may send within ten seconds."""
    new_conversations_per_minute: Annotated[int, Field(ge=1)] = 60
    """Conversations that one address may begin or resume within a minute."""
    api_calls_per_minute: Annotated[int, Field(ge=1)] = 300
    """Calls that one key of another system may make within a minute."""
    attachments_dir: Path = Field(default_factory=lambda data: data["var_dir"] / "attachments")
    """Folder of the files that customers and agents send; several nodes need one that all of them see."""
    attachment_scan: str | None = None
    """A command that gets a file's path and looks for viruses: exit code 0 clean, 1 infected, any other failed."""
    webhooks_to_private_networks: bool = False
    """Whether webhooks may go to loopback and private addresses, and over http; off, they go to the internet alone."""
    smtp_host: str | None = None
    """The mail server; None means that nothing is sent by e-mail."""
    smtp_port: Port = 587
    """The mail server's port."""
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection to the mail server is encrypted: asked for, from the first byte, or not."""
    smtp_user: str | None = None
    """Who signs in at the mail server; None means nobody."""
    smtp_password: SecretStr | None = None
    """The password that goes with ``smtp_user``."""
    mail_from: str | None = None
    """From whom mails come: an address, or a name and an address in angle brackets."""
    mail_link_days: Annotated[int, Field(ge=1, le=90)] = 14
    """How long the link in a mail leads back into its conversation."""
    promote_margin: Annotated[float, Field(ge=0.0, le=1.0)] = 0.01
    """Share of the test set by which a new model may be worse than the live one and still be promoted."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe log line that is written."""
    log_text: bool = False
    """Whether logs may hold what people wrote. Off unless a fault is being looked into."""

    @classmethod
    def load(cls) -> Settings:
        """The settings from the environment. Raises :class:`SettingsError` with one line for each mistake."""
        refuse_unknown_names(os.environ)
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("\n".join(_explain(error))) from error

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets of this installation. Raises :class:`SettingsError` where set-up has not made them."""
        try:
            return load_secrets(self.secrets_file, os.environ)
        except SecretsError as error:
            raise SettingsError(str(error)) from error

    @property
    def secrets_file(self) -> Path:
        """The file of the secrets that are not set in the environment."""
        return self.var_dir / "secrets.json"

    @property
    def logs_dir(self) -> Path:
        """The folder of the log files, one for each process."""
        return self.var_dir / "logs"

    @property
    def encoder_dir(self) -> Path:
        """The folder of the prepared sentence encoder, which stands beside its code wherever models are kept."""
        return PROJECT_ROOT / "models" / "encoder" / "onnx"

    @property
    def policy_file(self) -> Path:
        """The escalation policy that operations own."""
        return self.data_dir / "escalation.yml"

    @property
    def last_good_policy(self) -> Path:
        """The copy of the last escalation policy that was in force."""
        return self.var_dir / "last_good_escalation.yml"

    @property
    def shop_database(self) -> Path:
        """The demo shop's SQLite file."""
        return self.var_dir / "shop.db"

    @property
    def tracker_database(self) -> Path:
        """The SQLite file in which Rasa keeps its trackers."""
        return self.var_dir / "tracker.db"

    @property
    def endpoints_file(self) -> Path:
        """``endpoints.yml`` as Rasa gets it: with the ports, the secret and the tracker's path filled in."""
        return self.var_dir / "endpoints.yml"

    @property
    def credentials_file(self) -> Path:
        """``credentials.yml`` as Rasa gets it: the turn channel with its secret, and no channel that asks for none."""
        return self.var_dir / "credentials.yml"

    @property
    def handoff_url(self) -> str:
        """Where the processes on this machine reach handoff."""
        return _own_url(self.host, self.port)

    @property
    def rasa_url(self) -> str:
        """Where handoff reaches Rasa."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        """Where Rasa reaches the action server."""
        return f"http://127.0.0.1:{self.actions_port}"

    @field_validator("attachment_scan")
    @classmethod
    def _command(cls, value: str | None) -> str | None:
        try:
            words = shlex.split(value) if value is not None else None
        except ValueError as error:
            raise ValueError(f"is no command line: {error}") from error
        if words == []:
            raise ValueError("must be a command, such as clamdscan --no-summary --fdpass")
        return value

    @field_validator("var_dir", "data_dir", "models_dir", "attachments_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return from_root(value.expanduser())

    @field_validator("database_url")
    @classmethod
    def _async_driver(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if not separator or scheme not in DRIVERS:
            raise ValueError("must start with sqlite:/// or postgresql://")
        return f"{DRIVERS[scheme]}://{rest}"

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        except ValueError as error:
            raise ValueError(f"must be addresses or networks, such as 127.0.0.1,10.0.0.0/8: {error}") from error

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_origin(item) for item in value)

    @field_validator("public_url", "shop_url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an http:// or https:// address without query or fragment")
        return value.rstrip("/")

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str | None) -> str | None:
        if value is None:
            return None
        address = parseaddr(value)[1]
        if not is_mail_address(address) or not value.isprintable():
            raise ValueError("must be an e-mail address, or a name with one: Larkfield Home <support@example.com>")
        return value

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.smtp_host is not None and self.mail_from is None:
            raise ValueError("WARMLINE_SMTP_HOST is set: set WARMLINE_MAIL_FROM too, the address that mails come from")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("WARMLINE_SMTP_USER and WARMLINE_SMTP_PASSWORD go together: set both or neither")
        local = self.smtp_host in ("localhost", "127.0.0.1", "::1")
        if self.smtp_user is not None and self.smtp_tls == "none" and not local:
            raise ValueError("WARMLINE_SMTP_TLS is none: the password would travel in the clear; use starttls or tls")
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        fixed = [port for port in (self.port, self.rasa_port, self.actions_port) if port]
        if len(set(fixed)) < len(fixed):
            raise ValueError("WARMLINE_PORT, WARMLINE_RASA_PORT and WARMLINE_ACTIONS_PORT must differ")
        return self


def is_mail_address(text: str) -> bool:
    """Whether a text has the form of an e-mail address; only sending to it shows whether somebody is there."""
    return len(text) <= 254 and _MAIL.fullmatch(text) is not None


def setting_names() -> tuple[str, ...]:
    """Every environment variable that Warmline reads, secrets included."""
    plain = tuple(FOLDER_NAMES.get(name, PREFIX + name.upper()) for name in Settings.model_fields)
    return plain + tuple(environment_name(name) for name in Secrets.__dataclass_fields__) + LAUNCHER_NAMES


def refuse_unknown_names(environment: Mapping[str, str]) -> None:
    """Raises :class:`SettingsError` for a ``WARMLINE_*`` variable that does not exist: a slip of the keyboard
    must not pass for the default."""
    known = setting_names()
    for name in sorted(name for name in environment if name.startswith(PREFIX) and name not in known):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        secret = " secret" if name.startswith(SECRET_PREFIX) else ""
        raise SettingsError(f"{name}: there is no such{secret} setting{hint} (docs/settings.md lists them all)")


def _own_url(host: str, port: int) -> str:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    if ":" in reachable and not reachable.startswith("["):
        reachable = f"[{reachable}]"
    return f"http://{reachable}:{port}"


def _origin(value: str) -> str:
    parts = urlsplit(value.rstrip("/").lower())
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query or "*" in value:
        raise ValueError(f"{value!r} is not an origin such as https://www.example.com")
    return f"{parts.scheme}://{parts.netloc}"


def _explain(error: ValidationError) -> list[str]:
    """One line for each mistake: the variable's name, what is wrong, what was given."""
    lines = []
    for problem in error.errors():
        if problem["type"] == "default_factory_not_called":
            continue  # follows from another mistake, which has its own line
        field = str(problem["loc"][0]) if problem["loc"] else ""
        name = field if field.startswith(PREFIX) else FOLDER_NAMES.get(field, PREFIX + field.upper())
        message = plain_words(problem)
        lines.append(f"{name}: {message} (given: {problem['input']!r})" if field else message)
    return lines

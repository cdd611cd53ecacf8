"""Settings and secrets: a slip of the keyboard is said, never taken for the default."""

from __future__ import annotations

import json
import logging
import os
import stat
from pathlib import Path

import pytest
import structlog

from warmline.logs import configure_logs
from warmline.secrets import Secrets, SecretsError, ensure_secrets, load_secrets
from warmline.settings import Settings, SettingsError
from warmline.setup_steps import ENCODER_FILES


def test_the_defaults_serve_one_machine_and_only_it() -> None:
    settings = Settings.load()

    assert settings.handoff_url == settings.public_url == "http://127.0.0.1:8080"
    assert settings.database_url.startswith("sqlite+aiosqlite:////")
    assert settings.demo is True


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WARMLINE_PORT", "high", "WARMLINE_PORT: must be a whole number"),
        ("WARMLINE_PORT", "70000", "must be at most 65535"),
        ("WARMLINE_PROT", "8081", "did you mean WARMLINE_PORT?"),
        ("WARMLINE_RASA_PORT", "8080", "must differ"),
        ("WARMLINE_DATABASE_URL", "mysql://db", "must start with sqlite:/// or postgresql://"),
        ("WARMLINE_ALLOWED_ORIGINS", "*", "is not an origin"),
        ("WARMLINE_PUBLIC_URL", "shop.example", "must be an http:// or https:// address"),
        ("WARMLINE_LOG_LEVEL", "loud", "WARMLINE_LOG_LEVEL"),
        ("WARMLINE_SECRET_RASSA", "x", "there is no such secret setting; did you mean WARMLINE_SECRET_RASA?"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_must_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as refusal:
        Settings.load()

    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"SMTP_HOST": "mail.example.com"}, "set WARMLINE_MAIL_FROM too"),
        ({"MAIL_FROM": "Larkfield Home"}, "must be an e-mail address"),
        ({"MAIL_FROM": "a@b.example\nBcc: c@d.example"}, "must be an e-mail address"),
        ({"SMTP_USER": "support"}, "go together"),
        ({"SMTP_PASSWORD": "a secret of the mail server"}, "go together"),
        ({"SMTP_TLS": "maybe"}, "WARMLINE_SMTP_TLS"),
        (
            {
                "SMTP_HOST": "mail.example.com",
                "MAIL_FROM": "support@larkfield.example",
                "SMTP_USER": "support",
                "SMTP_PASSWORD": "a secret of the mail server",
                "SMTP_TLS": "none",
            },
            "would travel in the clear",
        ),
    ],
)
def test_settings_of_mail_that_do_not_fit_together_are_told_without_the_password(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"WARMLINE_{name}", value)

    with pytest.raises(SettingsError) as refusal:
        Settings.load()

    assert said in str(refusal.value)
    assert "a secret of the mail server" not in str(refusal.value)


def test_the_password_of_the_mail_server_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARMLINE_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("WARMLINE_MAIL_FROM", "Larkfield Home <support@larkfield.example>")
    monkeypatch.setenv("WARMLINE_SMTP_USER", "support")
    monkeypatch.setenv("WARMLINE_SMTP_PASSWORD", "a secret of the mail server")

    assert "a secret" not in repr(Settings.load())


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WARMLINE_VAR", str(tmp_path))
    monkeypatch.setenv("WARMLINE_ALLOWED_ORIGINS", "https://Shop.example/, http://localhost:3000")
    monkeypatch.setenv("WARMLINE_HOST", "0.0.0.0")

    settings = Settings.load()

    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/handoff.db"
    assert settings.allowed_origins == ("https://shop.example", "http://localhost:3000")
    assert settings.handoff_url == "http://127.0.0.1:8080"


def test_postgres_urls_get_the_driver_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARMLINE_DATABASE_URL", "postgres://warmline@db/warmline")

    assert Settings.load().database_url == "postgresql+asyncpg://warmline@db/warmline"


def test_secrets_are_made_once_readable_by_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secrets.json"

    assert ensure_secrets(file) is True
    first = load_secrets(file, {})
    assert ensure_secrets(file) is False

    assert load_secrets(file, {}) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len({*json.loads(file.read_text()).values()}) == len(Secrets.__dataclass_fields__)


def test_a_secrets_file_that_others_may_read_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    ensure_secrets(file)
    file.chmod(0o644)

    with pytest.raises(SecretsError, match="chmod 600"):
        load_secrets(file, {})


def test_services_never_make_secrets_up(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path)

    with pytest.raises(SettingsError, match="run `make setup`"):
        _ = settings.secrets
    assert not settings.secrets_file.exists()


def test_a_secret_of_the_environment_stands_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    ensure_secrets(file)

    assert load_secrets(file, {"WARMLINE_SECRET_RASA": "r" * 32}).rasa == "r" * 32
    with pytest.raises(SecretsError, match="shorter than 32"):
        load_secrets(file, {"WARMLINE_SECRET_RASA": "short"})


def test_secrets_do_not_show_when_they_are_printed(tmp_path: Path) -> None:
    secrets = Secrets.generate()

    assert secrets.rasa not in f"{secrets!r} {secrets}"


@pytest.fixture
def untouched_logging() -> object:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.mark.usefixtures("untouched_logging")
def test_logs_are_json_lines_without_what_people_wrote(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    configure_logs("handoff", Settings(var_dir=tmp_path))

    structlog.get_logger("turns").info("turn stored", text="my card is stolen", token="t", seq=3)
    logging.getLogger("aiohttp").warning("slow %s", "socket")
    try:
        local = "my card is stolen"
        raise ValueError(len(local))
    except ValueError:
        structlog.get_logger("turns").exception("turn failed")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["text"] == lines[0]["token"] == "<not logged>"
    assert (lines[0]["seq"], lines[0]["process"], lines[1]["event"]) == (3, "handoff", "slow socket")
    assert lines[2]["exception"][0]["exc_type"] == "ValueError"
    assert "stolen" not in json.dumps(lines)
    assert os.environ.get("WARMLINE_LOG_TEXT") is None


def test_the_encoder_stands_where_set_up_makes_it_wherever_models_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARMLINE_MODELS", "/srv/models")

    assert ENCODER_FILES[0].parent == Settings.load().encoder_dir


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARMLINE_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,fd00::/8")
    assert [str(network) for network in Settings.load().trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]

    for wrong in ("nginx", "10.0.0.1/8", "*"):
        monkeypatch.setenv("WARMLINE_TRUSTED_PROXIES", wrong)
        with pytest.raises(SettingsError, match="must be addresses or networks"):
            Settings.load()

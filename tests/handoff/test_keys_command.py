"""``warmline keys`` and ``warmline audit``, as the operator at the machine calls them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from handoff import audit, history, keys
from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry
from handoff.domain.conversations import SenderType
from handoff.services.api_keys import token_hash
from tests.handoff.cast import Clock, House
from tests.handoff.commands import check_failures, fill, run
from warmline.settings import Settings

pytestmark = pytest.mark.usefixtures("settings_of_the_test")


def made(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    """A new key, as JSON."""
    code, out, err = run(keys.main, capsys, "add", "zendesk", "--scope", "cases:read", "--json", *arguments)
    assert code == 0, err
    found: dict[str, object] = json.loads(out)
    return found


def test_a_key_is_shown_once_and_can_be_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    added = made(capsys, "--category", "billing", "--days", "30")
    key = added["key"]
    assert isinstance(key, dict)
    listed = run(keys.main, capsys, "list")[1]

    assert str(added["token"]).startswith("wlk_")
    assert str(added["token"]) not in listed
    assert (key["name"], key["categories"], key["live"]) == ("zendesk", ["billing"], True)
    for shown in ("zendesk", "live", "never", "cases:read in billing"):
        assert shown in listed
    assert run(keys.main, capsys, "revoke", str(key["id"]))[0] == 0
    assert "revoked" in run(keys.main, capsys, "list")[1]
    code, _, err = run(keys.main, capsys, "revoke", "nobodys")
    assert (code, "There is no such key" in err) == (1, True)


def test_the_database_holds_no_token(capsys: pytest.CaptureFixture[str], settings_of_the_test: Settings) -> None:
    token = str(made(capsys)["token"])
    content = Path(settings_of_the_test.database_url.partition("///")[2]).read_bytes()
    logged = Path(f"{settings_of_the_test.database_url.partition('///')[2]}-wal")
    content += logged.read_bytes() if logged.exists() else b""

    assert token.encode() not in content
    assert token_hash(token).encode() in content


@pytest.mark.parametrize(
    ("arguments", "code", "mend"),
    [
        (("add", "zendesk"), 2, "--scope"),
        (("add", "zendesk", "--scope", "everything"), 2, "cases:read"),
        (("add", "Zen Desk", "--scope", "cases:read"), 1, "1 to 32 of a to z"),
        (("add", "bot", "--scope", "cases:read"), 1, "choose the name"),
        (("add", "zendesk", "--scope", "cases:read", "--days", "0"), 2, "1 to 3660"),
        (("mend",), 2, "invalid choice"),
    ],
)
def test_what_cannot_be_is_refused_with_what_mends_it(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, mend: str
) -> None:
    ended, _, err = run(keys.main, capsys, *arguments)
    assert (ended, mend in err) == (code, True), err


def test_the_log_can_be_read_filtered_and_exported(
    capsys: pytest.CaptureFixture[str], settings_of_the_test: Settings, clock: Clock
) -> None:
    async def happen(house: House) -> None:
        await house.case()

    fill(settings_of_the_test, clock, happen)
    key = made(capsys)["key"]
    assert isinstance(key, dict)
    assert run(history.main, capsys, "--json-lines")[0] == 0
    exported = list(csv.DictReader(io.StringIO(run(audit.main, capsys, "--csv")[1])))
    shown = run(audit.main, capsys, "--action", "key.*", "--limit", "5")[1]
    as_json = json.loads(run(audit.main, capsys, "--json", "--object", key["id"])[1])

    assert [row["action"] for row in exported] == ["export", "key.added", "case.opened"]
    assert (exported[0]["actor_name"], exported[0]["object_id"]) == ("handoff.history", "conversations")
    assert shown.count("\n") == 1
    assert "warmline keys" in shown
    assert as_json[0]["data"]["scopes"] == ["cases:read"]
    assert "There are none" in run(audit.main, capsys, "--since", "2026-01-01", "--until", "2026-01-02")[1]
    assert run(audit.main, capsys, "--limit", "many")[0] == 2


def test_nothing_in_the_export_is_calculated_by_a_spreadsheet(clock: Clock) -> None:
    entry = AuditEntry(clock(), Actor(SenderType.AGENT, "x", "=HYPERLINK(1)"), "test", "case", None, id=1)
    assert "'=HYPERLINK(1)" in audit.as_csv([entry])


@pytest.mark.parametrize("main", [lambda a: keys.main(a or ["list"]), audit.main], ids=["keys", "audit"])
def test_a_database_that_cannot_be_read_and_a_wrong_setting_have_exit_codes_of_their_own(
    main: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    check_failures(main, capsys, monkeypatch, tmp_path)  # type: ignore[arg-type]

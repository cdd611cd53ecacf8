"""Doctor names what is wrong, why it matters, and the command that mends it."""

from __future__ import annotations

import io
import socket
import sqlite3
import threading
from pathlib import Path

import pytest
from rich.console import Console

from warmline import doctor_checks, doctor_outside
from warmline.browser import find_chromium, find_for_tests
from warmline.doctor import Finding, Health, broken, examine, is_well, note, print_findings, well
from warmline.running import UpNote, write_note
from warmline.settings import Settings


def only(findings: object) -> Finding:
    (finding,) = list(findings)  # type: ignore[call-overload]
    assert isinstance(finding, Finding)
    return finding


def test_each_thing_that_is_not_well_comes_with_why_and_mend() -> None:
    out = io.StringIO()
    findings = (
        well("disk", "40 GB free"),
        broken("model", "the data have changed", "the bot answers with older data", "make train"),
        note("browser", "no Chromium found", "the browser tests are left out", "install one"),
    )

    print_findings(findings, Console(file=out, width=200))

    said = out.getvalue()
    assert "why:  the bot answers with older data" in said
    assert "mend: make train" in said
    assert said.endswith("1 of 3 parts need mending.\n")
    assert not is_well(findings)
    assert is_well(findings[::2])


def test_a_check_that_fails_itself_is_a_finding_and_the_others_are_still_heard(settings: Settings) -> None:
    def bad_luck(_: Settings) -> list[Finding]:
        raise RuntimeError("boom")

    findings = examine(settings, (bad_luck, lambda _: [well("disk", "fine")]))

    assert [finding.health for finding in findings] == [Health.BROKEN, Health.WELL]
    assert findings[0].part == "bad luck"


def test_secrets_that_others_may_read_are_found(settings: Settings) -> None:
    assert only(doctor_checks.secrets(settings)).health is Health.WELL

    settings.secrets_file.chmod(0o640)
    finding = only(doctor_checks.secrets(settings.model_copy()))

    assert (finding.health, finding.mend) == (Health.BROKEN, f"chmod 600 {settings.secrets_file}")


def test_missing_secrets_are_found(settings: Settings) -> None:
    settings.secrets_file.unlink()

    assert only(doctor_checks.secrets(settings)).mend == "make setup"


def test_a_port_in_use_is_found_while_warmline_is_not_running(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.actions_port))
        taken.listen()
        findings = list(doctor_checks.processes(settings))

    assert findings[0].part == f"port {settings.actions_port}"
    assert "WARMLINE_ACTIONS_PORT" in findings[0].mend
    assert (findings[1].health, findings[1].mend) == (Health.NOTE, "make run")


def test_a_process_that_does_not_answer_is_found_while_warmline_runs(settings: Settings) -> None:
    write_note(settings, UpNote(1, "", {}))

    findings = list(doctor_checks.processes(settings))

    assert [finding.part for finding in findings] == ["actions", "rasa", "handoff"]
    assert {finding.health for finding in findings} == {Health.BROKEN}
    assert str(settings.logs_dir / "rasa.log") in findings[1].mend


def test_a_damaged_database_is_found(settings: Settings) -> None:
    with sqlite3.connect(settings.shop_database) as connection:
        connection.execute("CREATE TABLE orders (number TEXT)")
    connection.close()
    settings.tracker_database.write_bytes(b"SQLite format 3\0" + b"garbage" * 400)

    findings = {finding.part: finding for finding in doctor_checks.databases(settings)}

    assert findings["shop.db"].health is Health.WELL
    assert findings["tracker.db"].health is Health.BROKEN
    assert findings["handoff's database"].mend == "make setup"


def test_every_mistake_in_the_content_is_found(settings: Settings) -> None:
    (settings.data_dir / "one.yml").write_text("nlu: [\n")
    (settings.data_dir / "two.yml").write_text("nlu: []\nnlu: []\n")

    said = [
        finding.what
        for finding in doctor_checks.content(settings)
        if "one.yml" in finding.what or "two.yml" in finding.what
    ]

    assert len(said) == 2


def test_a_named_browser_that_is_not_there_is_not_replaced_by_another() -> None:
    named = {"WARMLINE_BROWSER": "/no/such/browser", "PATH": "/usr/bin"}
    assert find_chromium(named) is None
    assert find_for_tests(named) is None


def test_tests_drive_a_headless_shell_where_there_is_one_and_what_is_measured_a_whole_chromium(tmp_path: Path) -> None:
    def program(name: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o755)
        return path

    here = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "playwright")}
    whole = program("chromium")
    assert find_for_tests(here) == find_chromium(here) == whole
    fetched = program("playwright/chromium_headless_shell-1200/chrome-headless-shell-linux64/chrome-headless-shell")
    assert find_for_tests(here) == fetched
    installed = program("chromium-headless-shell")
    assert find_for_tests(here) == installed
    assert find_chromium(here) == whole
    assert find_for_tests({**here, "WARMLINE_BROWSER": str(whole)}) == whole


def test_secrets_that_are_damaged_are_told_with_all_that_mends_them(settings: Settings) -> None:
    settings.secrets_file.write_text("{broken")
    finding = only(doctor_checks.secrets(settings.model_copy()))
    assert finding.what == f"{settings.secrets_file} is damaged and cannot be read"
    assert "from a backup" in finding.mend
    assert f"rm {settings.secrets_file} && make setup" in finding.mend


def test_a_database_server_that_does_not_answer_is_not_told_to_be_out_of_date(settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": "postgresql+asyncpg://nobody:x@127.0.0.1:1/w"})
    told = [finding.what for finding in doctor_checks.databases(away) if finding.part == "handoff's database"]
    assert len(told) == 1
    assert told[0].startswith("PostgreSQL does not answer")


def test_a_shop_that_does_not_answer_is_found_and_any_answer_will_do(settings: Settings) -> None:
    assert list(doctor_outside.shop(settings)) == []
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        answering = threading.Thread(
            target=_answer_once, args=(server, b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
        )
        answering.start()
        found = only(doctor_outside.shop(settings.model_copy(update={"shop_url": address})))
        answering.join()
    assert found.health is Health.WELL

    gone = only(doctor_outside.shop(settings.model_copy(update={"shop_url": address})))
    assert (gone.health, "WARMLINE_SHOP_URL" in gone.mend) == (Health.BROKEN, True)


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(answer)


def test_a_mail_server_that_does_not_answer_is_found(settings: Settings) -> None:
    assert list(doctor_outside.mail(settings)) == []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    set_up = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none", "mail_from": "a@b.example"}
    found = only(doctor_outside.mail(settings.model_copy(update=set_up)))

    assert found.health is Health.BROKEN
    assert f"127.0.0.1:{port} cannot be used" in found.what


def test_a_folder_that_cannot_hold_files_and_a_scanner_that_is_not_there_are_found(
    settings: Settings, tmp_path: Path
) -> None:
    assert only(doctor_outside.files(settings)).health is Health.WELL
    (tmp_path / "taken").touch()
    set_up = {"attachments_dir": tmp_path / "taken" / "files", "attachment_scan": "no-such-scanner --quiet"}
    folder, scanner = doctor_outside.files(settings.model_copy(update=set_up))

    assert (folder.health, scanner.health) == (Health.BROKEN, Health.BROKEN)
    assert "no-such-scanner" in scanner.what


def test_an_environment_whose_python_no_longer_runs_is_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_checks, "outdated", lambda _: ())
    monkeypatch.setattr(doctor_checks, "runs", lambda _: False)

    assert {finding.health for finding in doctor_checks.locked_environments(settings)} == {Health.BROKEN}

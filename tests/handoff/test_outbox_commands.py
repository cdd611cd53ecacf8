"""``warmline webhooks`` and ``warmline outbox``, on an installation's own database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handoff import outbox, webhooks
from handoff.domain.outbox import Channel, Delivery, DeliveryStatus
from handoff.store import outbox as store
from tests.handoff.cast import Clock, House
from tests.handoff.commands import check_failures, fill, run
from warmline.settings import Settings

URL = "https://93.184.216.34/hook"


def test_a_webhook_is_added_listed_and_removed(
    settings_of_the_test: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(webhooks.main, capsys, "add", "crm", URL, "--event", "case.opened")
    assert code == 0
    secret = out.strip().rpartition(" ")[2]
    assert len(secret) >= 32

    code, out, _ = run(webhooks.main, capsys, "list", "--json")
    (listed,) = json.loads(out)
    assert (code, listed["name"], listed["events"]) == (0, "crm", ["case.opened"])
    assert secret not in out
    code, out, _ = run(webhooks.main, capsys, "list")
    assert URL in out

    assert run(webhooks.main, capsys, "remove", "crm")[0] == 0
    assert run(webhooks.main, capsys, "list", "--json")[1].strip() == "[]"
    assert run(webhooks.main, capsys, "remove", "crm")[0] == 1


def test_a_webhook_into_our_own_network_is_not_added(
    settings_of_the_test: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(webhooks.main, capsys, "add", "crm", "https://127.0.0.1/hook")

    assert (code, out) == (1, "")
    assert "private network" in err


def test_an_unknown_event_is_told_with_those_that_exist(
    settings_of_the_test: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(webhooks.main, capsys, "add", "crm", URL, "--event", "case.exploded")

    assert code == 2
    assert "case.opened" in err


def test_the_test_of_a_webhook_says_that_nobody_answers(
    settings_of_the_test: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARMLINE_WEBHOOKS_TO_PRIVATE_NETWORKS", "true")
    run(webhooks.main, capsys, "add", "crm", "http://127.0.0.1:9/hook")
    code, _, err = run(webhooks.main, capsys, "test", "crm")

    assert code == 1
    assert "not delivered to crm: no connection" in err


def test_dead_letters_are_listed_and_sent_again(
    settings_of_the_test: Settings, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    async def two_die(house: House) -> None:
        made = [
            Delivery(
                f"letter-{n}",
                Channel.STAFF_MAIL,
                f"event-{n}",
                "deadline_missed",
                {"agent_id": "ben", "text": "a line about Maya"},
                clock(),
                clock(),
                status=DeliveryStatus.DEAD,
                attempts=15,
                error="SMTP 550: \x1b[31mno such box",
            )
            for n in (1, 2)
        ]
        async with house.db.write() as db:
            await store.add_deliveries(db, made)

    fill(settings_of_the_test, clock, two_die)
    code, out, _ = run(outbox.main, capsys, "list")
    assert (code, "letter-1" in out, "\x1b" in out, "Maya" in out) == (0, True, False, False)
    assert len(json.loads(run(outbox.main, capsys, "list", "--json", "--limit", "1")[1])) == 1

    assert run(outbox.main, capsys, "resend", "letter-1")[1] == "1 will be sent again.\n"
    assert [one["id"] for one in json.loads(run(outbox.main, capsys, "list", "--json")[1])] == ["letter-2"]
    assert run(outbox.main, capsys, "resend", "letter-1")[0] == 1
    assert run(outbox.main, capsys, "resend", "--all")[1] == "1 will be sent again.\n"
    assert run(outbox.main, capsys, "list")[1] == "There are none.\n"


def test_what_fails_is_told_with_what_mends_it(
    settings_of_the_test: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    check_failures(lambda _: outbox.main(["list"]), capsys, monkeypatch, tmp_path)

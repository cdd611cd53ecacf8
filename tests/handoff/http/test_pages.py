"""Pages, origins, headers and logs: what stands around every answer."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from yarl import URL

from handoff.http.pages import CSP, WEB
from tests.handoff.cast import BEN, PASSWORD, POLICY, Clock
from tests.handoff.service import AGENT, ALLOWED_ORIGIN, CUSTOMER, Service, call
from warmline.logs import configure_logs
from warmline.settings import Settings

PAGES = ["/desk", "/shop", "/widget.js", "/shared/dom.js", "/", "/health", f"{AGENT}/openapi.json", "/nope"]


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_carries_the_strict_policy(service: Service, path: str) -> None:
    answer = await service.call("GET", path)

    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "default-src 'none'" in CSP
    assert "unsafe" not in CSP
    assert "http" not in CSP
    assert "frame-ancestors 'none'" in CSP


async def test_no_page_of_ours_holds_inline_scripts_or_styles(service: Service) -> None:
    for page in sorted(WEB.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        assert "<style" not in text
        assert "style=" not in text
        assert "onclick" not in text
        assert text.count("<script") == text.count('<script type="module" src=') + text.count("<script src="), page


@pytest.mark.parametrize(
    "path",
    [
        "/shared/../../seed.py",
        "/shared/..%2f..%2fseed.py",
        "/widget/%2e%2e/%2e%2e/contract.py",
        "/desk/..%5c..%5cseed.py",
        "/shared//etc/passwd",
        "/shared/%2fetc%2fpasswd",
        "/shared/dom.js%00.html",
        "/shared/" + "a" * 300 + ".js",
        "/shared/" + "a/" * 3000 + "b.js",
        "/widget/",
        "/shared/%ff.js",
        "/http/pages.py",
        "/web/desk/index.html",
        "/shop/../../seed.py",
    ],
)
async def test_no_file_outside_the_folders_is_served(service: Service, path: str) -> None:
    url = URL(f"{str(service.server.make_url('/')).rstrip('/')}{path}", encoded=True)
    async with service.browser().get(url) as answer:
        assert answer.status in (400, 404), await answer.text()


async def test_widget_files_can_be_embedded_and_the_desk_cannot(service: Service) -> None:
    widget, desk = await service.call("GET", "/widget.js"), await service.call("GET", "/desk")

    assert widget.headers["Access-Control-Allow-Origin"] == "*"
    assert widget.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Origin" not in desk.headers


FOREIGN = ["https://evil.example", "null", "http://[", "https://shop.example.evil.example", "http://localhost"]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_can_do_nothing(service: Service, origin: str) -> None:
    maya = await service.customer()
    headers = {"Origin": origin}
    tries = [
        await service.call("POST", f"{CUSTOMER}/conversations", json={}, headers=headers),
        await maya.call("GET", "/conversation", headers=headers),
        await service.call("OPTIONS", f"{CUSTOMER}/messages", headers=headers),
        await service.call("GET", f"{CUSTOMER}/stream", headers=headers),
        await service.call(
            "POST", f"{AGENT}/session", json={"email": BEN.email, "password": PASSWORD}, headers=headers
        ),
        await service.call("GET", f"{AGENT}/session", headers=headers),
        await service.call("GET", f"{AGENT}/stream", headers=headers),
        await service.call("POST", "/demo/sign-in", json={"customer_id": "C-1001"}, headers=headers),
    ]
    for answer in tries:
        assert (answer.status, answer.code) == (403, "origin_not_allowed")
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_an_allowed_website_may_use_the_customers_calls_and_no_others(service: Service) -> None:
    headers = {"Origin": ALLOWED_ORIGIN}
    preflight = await service.call("OPTIONS", f"{CUSTOMER}/messages", headers=headers)
    begun = await service.call("POST", f"{CUSTOMER}/conversations", json={}, headers=headers)
    desk = await service.call("GET", f"{AGENT}/session", headers=headers)

    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert preflight.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, X-File-Name"
    for answer in (preflight, begun):
        assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED_ORIGIN
        assert answer.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert desk.code == "origin_not_allowed"


@pytest.mark.parametrize("path", ["/conversation", "/nowhere"])
async def test_an_allowed_website_can_read_why_it_was_refused(service: Service, path: str) -> None:
    answer = await service.call("GET", CUSTOMER + path, headers={"Origin": ALLOWED_ORIGIN})

    assert answer.status in (401, 404)
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED_ORIGIN


async def test_our_own_page_is_always_allowed(service: Service) -> None:
    own = f"http://{service.server.host}:{service.server.port}"
    assert (await service.call("POST", f"{CUSTOMER}/conversations", json={}, headers={"Origin": own})).status == 201
    signing_in = {"email": BEN.email, "password": PASSWORD}
    assert (await service.call("POST", f"{AGENT}/session", json=signing_in, headers={"Origin": own})).status == 200


async def test_the_demo_shop_signs_its_customers(service: Service) -> None:
    browser = service.browser()
    assert (await call(browser, "GET", "/demo/identity")).status == 204
    assert (await call(browser, "POST", "/demo/sign-in", json={"customer_id": "C-9"})).code == "bad_value"
    signed_in = await call(browser, "POST", "/demo/sign-in", json={"customer_id": "C-1001"})
    assert "HttpOnly" in signed_in.headers["Set-Cookie"]
    assert "SameSite=Strict" in signed_in.headers["Set-Cookie"]
    identity = (await call(browser, "GET", "/demo/identity")).body["identity"]
    begun = await call(browser, "POST", f"{CUSTOMER}/conversations", json={"identity": identity})
    assert begun.body["customer"] == {"name": "Maya Lind", "verified": True}
    assert (await call(browser, "GET", "/demo/orders")).code == "internal_error", "no shop runs in this test"
    await call(browser, "DELETE", "/demo/sign-in")
    assert (await call(browser, "GET", "/demo/identity")).status == 204


async def test_no_word_of_anybody_reaches_the_logs(
    service: Service,
    settings_of_the_test: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, level = logging.root.handlers[:], logging.root.level
    configure_logs("handoff", settings_of_the_test)
    try:
        maya = await service.customer()
        ben = await service.agent(BEN)
        case_id = await service.case(maya)
        service.bot.answers = [ZeroDivisionError("my secret words")]

        async def broken(*_given: object, **_named: object) -> None:
            raise OSError("no secret")

        await maya.say("my secret words")
        await ben.post(f"/cases/{case_id}/notes", {"text": "my secret words"})
        monkeypatch.setattr("handoff.store.conversations.insert_turn", broken)
        monkeypatch.setattr("handoff.store.case_events.add_event", broken)
        failed = await ben.post(f"/cases/{case_id}/notes", {"text": "my secret words"})
        assert (failed.status, failed.code) == (500, "internal_error")
        assert "secret" not in str(failed.body)
    finally:
        logging.root.handlers[:] = before
        logging.root.setLevel(level)
        logging.captureWarnings(False)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(line["event"] == "request_failed" for line in lines)
    assert "my secret words" not in json.dumps(lines)
    assert maya.token not in json.dumps(lines)


async def test_a_fault_of_ours_tells_nothing_of_its_cause(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_given: object, **_named: object) -> None:
        raise RuntimeError("postgresql://user:password@host")

    monkeypatch.setattr("handoff.services.reading.customer_view", broken)
    maya = await service.customer()
    answer = await maya.call("GET", "/conversation")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "password" not in str(answer.body)


async def test_the_service_says_that_it_is_well_and_which_policy_is_in_force(service: Service, clock: Clock) -> None:
    assert (await service.call("GET", "/health")).body == {
        "status": "ok",
        "policy": POLICY.version,
        "policy_since": clock().isoformat(timespec="seconds"),
        "policy_problem": None,
    }


def test_every_page_is_there() -> None:
    assert all((WEB / name).is_file() for name in ("widget/widget.js", "shop/index.html"))
    assert Path(WEB).name == "web"

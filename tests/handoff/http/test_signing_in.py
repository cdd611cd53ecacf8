"""Agents sign in: cookies, locks, how long it lasts, and what is closed without it."""

from __future__ import annotations

import pytest

from handoff.http import agent_schemas as schemas
from tests.handoff.cast import ANA, BEN, PASSWORD
from tests.handoff.http.test_agent import STEPS
from tests.handoff.service import AGENT, Service, call


async def test_signing_in_sets_a_cookie_that_scripts_cannot_read(service: Service) -> None:
    answer = await service.call(
        "POST", f"{AGENT}/session", json={"email": " ANA@larkfield.example ", "password": PASSWORD}
    )
    cookie = answer.headers["Set-Cookie"]

    assert schemas.SessionAnswer.model_validate(answer.body).agent.id == "ana"
    for part in ("warmline_session=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"):
        assert part in cookie
    assert answer.headers["Cache-Control"] == "no-store"


async def test_over_https_the_cookie_is_for_https_alone(service: Service) -> None:
    object.__setattr__(service.parts, "secure_cookies", True)
    answer = await service.call("POST", f"{AGENT}/session", json={"email": ANA.email, "password": PASSWORD})
    assert "Secure" in answer.headers["Set-Cookie"]


async def test_whoever_is_wrong_hears_the_same(service: Service) -> None:
    wrong = await service.call("POST", f"{AGENT}/session", json={"email": ANA.email, "password": "guess"})
    nobody = await service.call("POST", f"{AGENT}/session", json={"email": "x@y.example", "password": "guess"})

    assert wrong.body == nobody.body
    assert (wrong.status, wrong.code) == (401, "sign_in_failed")


async def test_five_failures_lock_the_address_for_five_minutes(service: Service) -> None:
    session = service.browser()

    async def attempt(password: str) -> str | None:
        body = {"email": ANA.email, "password": password}
        return (await call(session, "POST", f"{AGENT}/session", json=body)).code

    assert [await attempt("guess") for _ in range(6)] == ["sign_in_failed"] * 5 + ["too_many_requests"]
    assert await attempt(PASSWORD) == "too_many_requests"
    assert (await service.agent(BEN)).csrf
    service.clock.move(minutes=5)
    assert await attempt(PASSWORD) is None


async def test_a_success_forgets_the_failures(service: Service) -> None:
    for _ in range(3):
        for _ in range(4):
            await service.call("POST", f"{AGENT}/session", json={"email": ANA.email, "password": "guess"})
        await service.agent(ANA)


async def test_a_session_lasts_twelve_hours_or_until_signing_out(service: Service) -> None:
    ana, again = await service.agent(ANA), await service.agent(ANA)
    assert (await ana.get("/session")).body["csrf_token"] == ana.csrf
    left = await call(ana.session, "DELETE", f"{AGENT}/session", headers={"X-CSRF-Token": ana.csrf})
    assert left.status == 204
    assert (await ana.get("/session")).code == "not_signed_in"
    assert (await again.get("/session")).status == 200, "another browser stays signed in"
    service.clock.move(hours=12)
    assert (await again.get("/session")).code == "not_signed_in"


@pytest.mark.parametrize("headers", [{}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": "\u00e9"}])
async def test_a_change_without_the_csrf_token_is_refused(service: Service, headers: dict[str, str]) -> None:
    ben = await service.agent(BEN)
    case_id = await service.case(await service.customer())
    for step, body in STEPS.items():
        answer = await call(ben.session, "POST", f"{AGENT}/cases/{case_id}/{step}", json=body, headers=headers)
        assert (answer.status, answer.code) == (403, "csrf_failed")
    assert (await call(ben.session, "DELETE", f"{AGENT}/session", headers=headers)).code == "csrf_failed"


READS = ["/session", "/queues", "/options", "/cases", "/cases/{id}", "/cases/{id}/messages"]


@pytest.mark.parametrize("path", READS)
async def test_nothing_is_read_without_signing_in(service: Service, path: str) -> None:
    case_id = await service.case(await service.customer())
    for cookies in ({}, {"warmline_session": "x" * 43}):
        answer = await service.call("GET", AGENT + path.format(id=case_id), cookies=cookies)
        assert (answer.status, answer.code) == (401, "not_signed_in")

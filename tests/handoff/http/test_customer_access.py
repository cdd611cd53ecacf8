"""Who may read and write over HTTP: tokens of conversations, and identities that a website signs."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from handoff.contract import Tier
from handoff.services.conversations import Identity
from tests.handoff.cast import MAYA, START
from tests.handoff.service import CUSTOMER, Service

SITE_KEY = "site_identity".ljust(40, "-")


@pytest.mark.parametrize("token", [None, "", "nonsense", "a.b.c", "\u00e9", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
async def test_without_a_token_of_ours_nothing_opens(service: Service, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = await service.call("GET", f"{CUSTOMER}/conversation", headers=headers)

    assert answer.status == 401
    assert answer.code == ("token_missing" if not token else "token_invalid")


async def test_a_header_of_other_bytes_is_no_token(service: Service) -> None:
    raw = await _raw(
        service, b"GET /api/customer/v1/conversation HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n"
    )
    assert b" 401 " in raw.split(b"\r\n")[0] or b" 400 " in raw.split(b"\r\n")[0]


async def _raw(service: Service, request: bytes) -> bytes:
    import asyncio

    reader, writer = await asyncio.open_connection(service.server.host, service.server.port)
    writer.write(request)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(65536), 5)
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_token_expires_after_seven_days(service: Service) -> None:
    maya = await service.customer()
    service.clock.move(days=7, seconds=-1)
    assert (await maya.call("GET", "/conversation")).status == 200
    service.clock.move(seconds=1)
    late = await maya.call("GET", "/conversation")
    assert (late.status, late.code) == (401, "token_expired")


async def test_a_token_signed_by_somebody_else_is_not_ours(service: Service) -> None:
    maya = await service.customer()
    claims = {"sub": maya.conversation_id, "aud": "warmline-customer", "exp": int(START.timestamp()) + 999}
    forged = jwt.encode(claims, "another key that is long enough for HS256", "HS256")
    unsigned = jwt.encode(claims, None, "none")
    for token in (forged, unsigned, service.parts.identities.sign(MAYA)):
        answer = await service.call("GET", f"{CUSTOMER}/conversation", headers={"Authorization": f"Bearer {token}"})
        assert answer.code == "token_invalid"


NOW = int(START.timestamp())
GOOD: dict[str, Any] = {"sub": "C-1001", "name": "Maya Lind", "tier": "standard", "iat": NOW, "exp": NOW + 900}
IDENTITIES: list[tuple[dict[str, Any], str]] = [
    ({"exp": NOW - 61, "iat": NOW - 900}, "expired"),
    ({"iat": NOW + 61, "exp": NOW + 900}, "future"),
    ({"exp": NOW + 3601}, "longer than an hour"),
    ({"iat": None}, "iat"),
    ({"exp": None}, "exp"),
    ({"sub": None}, "sub"),
    ({"sub": ""}, "sub must be"),
    ({"sub": "x" * 129}, "sub must be"),
    ({"sub": 7}, "form is wrong"),
    ({"tier": "gold"}, "tier"),
    ({"tier": []}, "tier"),
    ({"name": "x" * 121}, "name must be"),
    ({"name": 7}, "name must be"),
    ({"name": "a\x00b"}, "name must be"),
    ({"name": "\ud800"}, "name must be"),
    ({"email": "x" * 255}, "email must be"),
    ({"exp": 10**400}, "not a valid value"),
    ({"iat": "soon"}, "not a valid value"),
]


@pytest.mark.parametrize(("change", "why"), IDENTITIES, ids=range(len(IDENTITIES)))
async def test_an_identity_that_does_not_hold_is_refused_and_says_why(
    service: Service, change: dict[str, Any], why: str
) -> None:
    claims = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
    try:
        signed = jwt.encode(claims, SITE_KEY, "HS256")
    except TypeError:
        signed = jwt.api_jws.PyJWS().encode(__import__("json").dumps(claims).encode(), SITE_KEY, "HS256")
    answer = await service.call("POST", f"{CUSTOMER}/conversations", json={"identity": signed})

    assert (answer.status, answer.code) == (401, "identity_invalid")
    assert why in answer.body["error"]["data"]["why"]


async def test_an_identity_signed_with_another_key_is_refused(service: Service) -> None:
    for key in ("another key that is long enough for HS256", "customer_token".ljust(40, "-")):
        signed = jwt.encode(GOOD, key, "HS256")
        answer = await service.call("POST", f"{CUSTOMER}/conversations", json={"identity": signed})
        assert answer.code == "identity_invalid"


async def test_a_website_whose_clock_is_a_minute_off_is_understood(service: Service) -> None:
    service.clock.move(seconds=-50)
    early = service.parts.identities.sign(Identity("C-7", None, None, Tier.PLUS))
    service.clock.move(seconds=50 + 900)
    assert (await service.call("POST", f"{CUSTOMER}/conversations", json={"identity": early})).status == 201

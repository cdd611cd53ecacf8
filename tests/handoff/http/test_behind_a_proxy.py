"""Behind a reverse proxy: the desk's own address, and who is counted as one caller."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from handoff.http.callers import Callers
from handoff.http.errors import ApiError
from handoff.http.guards import Origins
from tests.handoff.cast import ANA, BEN, PASSWORD
from tests.handoff.service import AGENT, CUSTOMER, Service, call

OURS = ("10.0.0.0/8", "fd00::/8", "127.0.0.1")


def counted(remote: str | None, *forwarded: str, trusted: tuple[str, ...] = OURS) -> str:
    headers = CIMultiDict([("X-Forwarded-For", line) for line in forwarded])
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=remote or "")
    return Callers(tuple(map(ip_network, trusted))).of(request)


@pytest.mark.parametrize(
    ("remote", "forwarded", "caller"),
    [
        ("203.0.113.7", (), "203.0.113.7"),
        ("10.0.0.2", (), "10.0.0.2"),
        ("10.0.0.2", ("203.0.113.7",), "203.0.113.7"),
        ("10.0.0.2", ("203.0.113.7, 10.0.0.9",), "203.0.113.7"),
        ("10.0.0.2", ("203.0.113.7", "10.0.0.9"), "203.0.113.7"),
        ("10.0.0.2", (" ::ffff:203.0.113.7 ",), "203.0.113.7"),
        ("10.0.0.2", ("10.1.1.1",), "10.1.1.1"),
        ("fd00::1", ("2001:db8:1:2:3:4:5:6",), "2001:db8:1:2::/64"),
        (None, ("203.0.113.7",), ""),
    ],
)
def test_the_address_that_reached_the_outermost_proxy_of_ours_is_counted(
    remote: str | None, forwarded: tuple[str, ...], caller: str
) -> None:
    assert counted(remote, *forwarded) == caller


@pytest.mark.parametrize(
    ("remote", "forwarded", "caller"),
    [
        ("203.0.113.7", ("198.51.100.1",), "203.0.113.7"),
        ("10.0.0.2", ("198.51.100.1, 203.0.113.7",), "203.0.113.7"),
        ("10.0.0.2", ("10.0.0.3, 203.0.113.7",), "203.0.113.7"),
        ("10.0.0.2", ("198.51.100.1, nonsense",), "10.0.0.2"),
        ("10.0.0.2", ("",), "10.0.0.2"),
    ],
)
def test_what_a_caller_makes_up_of_where_it_comes_from_is_not_believed(
    remote: str, forwarded: tuple[str, ...], caller: str
) -> None:
    assert counted(remote, *forwarded) == caller


def test_without_proxies_of_ours_nobody_is_believed() -> None:
    assert counted("127.0.0.1", "203.0.113.7", trusted=()) == "127.0.0.1"


def trusting(service: Service, *networks: str) -> None:
    object.__setattr__(service.parts, "callers", Callers(tuple(map(ip_network, networks))))


async def test_customers_behind_a_proxy_do_not_share_one_limit_and_cannot_dodge_their_own(service: Service) -> None:
    trusting(service, "127.0.0.1")
    object.__setattr__(service.parts.begin_limit, "_limit", 2)

    async def begin(forwarded: str) -> str | None:
        headers = {"X-Forwarded-For": forwarded}
        return (await service.call("POST", f"{CUSTOMER}/conversations", json={}, headers=headers)).code

    assert [await begin("203.0.113.7") for _ in range(3)] == [None, None, "too_many_requests"]
    assert await begin("203.0.113.8") is None
    assert await begin("198.51.100.77, 203.0.113.7") == "too_many_requests"


async def test_the_desk_can_be_used_from_the_public_address_whatever_host_the_proxy_passes_on(
    service: Service,
) -> None:
    object.__setattr__(service.parts, "origins", Origins("https://Support.example.com:443/", ()))
    body = {"email": ANA.email, "password": PASSWORD}

    async def sign_in(origin: str) -> str | None:
        return (await service.call("POST", f"{AGENT}/session", json=body, headers={"Origin": origin})).code

    assert await sign_in("https://support.example.com") is None
    for foreign in ("http://support.example.com", "https://example.com", "https://support.example.com.evil.example"):
        assert await sign_in(foreign) == "origin_not_allowed"


def test_a_refused_desk_says_which_setting_to_mend() -> None:
    request = make_mocked_request("GET", "/", headers={"Host": "127.0.0.1:8080", "Origin": "https://desk.example.com"})
    with pytest.raises(ApiError, match="WARMLINE_PUBLIC_URL"):
        Origins("http://127.0.0.1:8080", ()).check_agent(request)


async def attempt(service: Service, email: str, password: str, address: str) -> str | None:
    headers = {"X-Forwarded-For": address}
    body = {"email": email, "password": password}
    return (await call(service.browser(), "POST", f"{AGENT}/session", json=body, headers=headers)).code


async def test_who_guesses_anothers_password_does_not_lock_them_out(service: Service) -> None:
    trusting(service, "127.0.0.1")
    for _ in range(6):
        guessed = await attempt(service, ANA.email, "guess", "198.51.100.1")
    assert guessed == "too_many_requests"
    assert await attempt(service, ANA.email, PASSWORD, "203.0.113.7") is None


async def test_ever_new_e_mails_from_one_address_are_stopped_and_its_colleagues_elsewhere_are_not(
    service: Service,
) -> None:
    trusting(service, "127.0.0.1")
    for number in range(20):
        assert await attempt(service, f"{number}@y.example", "guess", "198.51.100.1") == "sign_in_failed"
    assert await attempt(service, "new@y.example", "guess", "198.51.100.1") == "too_many_requests"
    assert await attempt(service, BEN.email, PASSWORD, "203.0.113.7") is None


async def test_an_office_that_signs_in_without_failing_is_never_stopped(service: Service) -> None:
    for _ in range(25):
        assert await attempt(service, ANA.email, PASSWORD, "203.0.113.7") is None

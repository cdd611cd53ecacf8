"""Webhooks never lead into our own network."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.targets import is_public, refusal_of


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.100.100.200"),
        *("0.0.0.0", "224.0.0.1", "255.255.255.255", "168.63.129.16", "192.0.0.192", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1"),
        *("::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1"),
    ],
)
def test_no_address_of_a_network_of_ours_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::6810:84e5", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_is_as_public_inside_ipv6_as_it_is_alone(address: object) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address))
    assert is_public(str(ip_address(int(ip_address("64:ff9b::")) + int(ip_address(str(address)))))) == is_public(
        str(address)
    )


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/x", "ftp://example.com", "https://", "https://user:pw@example.com", "example.com"),
        *("https://127.0.0.1/x", "https://[::1]/x", "https://localhost/x", "https://db.internal/", "https://a.local./"),
        *("https://example.com/#x", "https://exa mple.com", "https://example.com:0/", "https://example.com:99999/"),
        *("https://[::1", "https://example.com/\u00e9", "https://example.com/" + "x" * 500, "javascript:alert(1)"),
    ],
)
def test_an_address_that_leads_nowhere_good_is_refused_with_why(url: str) -> None:
    assert refusal_of(url, allow_private=False)


@pytest.mark.parametrize("url", ["https://example.com", "https://hooks.example.com:8443/a?b=c", "https://8.8.8.8/x"])
def test_an_address_of_the_internet_is_taken(url: str) -> None:
    assert refusal_of(url, allow_private=False) is None


def test_where_private_networks_are_allowed_http_is_too() -> None:
    assert refusal_of("http://127.0.0.1:9000/hook", allow_private=True) is None
    assert refusal_of("file:///etc/passwd", allow_private=True)

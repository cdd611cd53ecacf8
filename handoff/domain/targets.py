"""Where webhooks may go: never into our own network, unless the operator allows it. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

URL_CHARACTERS: Final = 500
NOT_OURS_TO_CALL: Final = (IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16/32"))
"""What Python's registry calls global and is not for us: IETF's protocol assignments, in which Oracle's cloud has its
metadata, and Azure's wire server."""
NAT64: Final = IPv6Network("64:ff9b::/96")
"""IPv4 inside IPv6 (RFC 6052): what counts is the address within."""


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet: no loopback, private, link-local, shared or reserved one.

    Addresses that carry an IPv4 address inside (mapped, 6to4, Teredo, NAT64) are as public as that one. Raises
    ``ValueError`` for what is no address.
    """
    found = ip_address(address.partition("%")[0])
    inner = _inner(found)
    if inner is not None:
        return is_public(str(inner))
    if any(found in network for network in NOT_OURS_TO_CALL):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def refusal_of(url: str, *, allow_private: bool) -> str | None:
    """Why a webhook's address is not taken, as far as the text says; None when it is.

    Names are looked up elsewhere: at registration, and again at every connection.
    """
    if not url.isascii() or len(url) > URL_CHARACTERS or any(c.isspace() or not c.isprintable() for c in url):
        return f"must be an ASCII address without spaces, of at most {URL_CHARACTERS} characters"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is no address"
    if parts.scheme not in ("https", "http") or not host or port == 0:
        return "must begin with https:// and name a host"
    if parts.username is not None or parts.password is not None:
        return "must not carry a user or password; the signature is what tells the receiver that it is us"
    if parts.fragment:
        return "must not have a fragment (#...)"
    if allow_private:
        return None
    if parts.scheme == "http":
        return "must begin with https://: over http everybody on the way can read it"
    if is_literal(host) and not is_public(host):
        return f"leads into a private network ({host})"
    if host.rstrip(".").rpartition(".")[2] in ("localhost", "local", "internal", "localdomain"):
        return f"leads into a private network ({host})"
    return None


def is_literal(host: str) -> bool:
    """Whether a host is written as an address."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True

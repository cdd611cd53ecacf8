"""The signature of a webhook: HMAC-SHA256 over the time of sending and the body, as the receiver checks it too."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

HEADER: Final = "Warmline-Signature"
TOLERANCE_SECONDS: Final = 300
"""How old a delivery may be when it arrives; an older one may be a replay."""
_FORM: Final = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The value of the header: ``t=<Unix time>,v1=<hex of HMAC-SHA256(secret, "<Unix time>.<body>")>``."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def is_genuine(secret: str, header: str, body: bytes, now: float) -> bool:
    """Whether a delivery is ours and fresh; compared in constant time."""
    found = _FORM.fullmatch(header)
    if found is None or abs(now - int(found[1])) > TOLERANCE_SECONDS:
        return False
    return hmac.compare_digest(sign(secret, int(found[1]), body), header)

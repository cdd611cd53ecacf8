"""The secret that the assistant shows to a company's own API: ``python -m actions.shop.secret`` prints it.

It is derived from the installation's internal secret, so that there is nothing more to set up, and by a one-way
function, so that whoever runs the shop's API cannot act as the assistant towards handoff.
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from typing import Final

from warmline.settings import Settings, SettingsError

PURPOSE: Final = b"warmline shop API, version 1"


def shop_secret(internal: str) -> str:
    """The bearer secret for the shop: HMAC-SHA256 of the purpose under the internal secret, in hex."""
    return hmac.new(internal.encode(), PURPOSE, hashlib.sha256).hexdigest()


def main() -> int:
    """Prints the secret; returns the exit status."""
    try:
        print(shop_secret(Settings.load().secrets.internal))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

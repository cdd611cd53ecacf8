"""Takes personal data out of what customers and agents wrote, before it leaves the case (P29)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case
from handoff.store import people
from warmline.content.personal_data import MASKS, Kind, mask

AMOUNT: Final = "<amount>"
_AMOUNTS: Final = re.compile(
    r"(?:£|€|\$|\bGBP|\bEUR)\s?\d[\d,]*(?:\.\d+)?(?!\w)|(?<![\w.])\d[\d,]*(?:\.\d+)?\s?(?:pounds?|quid|pence|euros?|GBP|EUR|€)(?!\w)",
    re.IGNORECASE,
)
PERSONAL_FACTS: Final = frozenset(
    {"order_number", "invoice_number", "amount", "email", "postcode", "address", "phone", "name", "gift_card_number"}
)
"""Facts that are somebody's own; a product or a device is not."""
SHORTEST_NAME: Final = 3
"""Parts of a name with fewer letters are usually particles, and common words."""


@dataclass(frozen=True, slots=True)
class Masker:
    """Knows whose case it is: what no pattern finds (a first name alone, an odd order number) is masked as well."""

    names: tuple[str, ...]
    values: tuple[str, ...]

    def mask(self, text: str) -> str:
        """The text on one line without personal data; masking it again changes nothing."""
        text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
        text = mask(text)
        for name in self.names:
            text = _whole(name).sub(MASKS[Kind.NAME], text)
        for value in self.values:
            text = _whole(value).sub("<number>", text)
        text = _AMOUNTS.sub(AMOUNT, text)
        return re.sub(r"(?:<name>\s*){2,}", "<name> ", text).strip()


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)


async def masker_of(db: AsyncConnection, case: Case) -> Masker:
    """The masker for one case: its customer's name, the staff's names, and the facts that were given."""
    customer = await people.get_customer(db, case.customer_id)
    known = [customer.name or "", *(await people.agent_names(db)).values()]
    facts = [value for name, value in case.context.facts.items() if name in PERSONAL_FACTS]
    if customer.external_id:
        facts.append(customer.external_id)
    return Masker(tuple(_names(known)), tuple(sorted((f for f in facts if f.strip()), key=len, reverse=True)))


def _names(known: Iterable[str]) -> list[str]:
    """Whole names first, then their parts, so that "Maya Lind" becomes one mask and "Maya" alone one too."""
    whole = [name for name in dict.fromkeys(known) if name.strip()]
    parts = dict.fromkeys(part for name in whole for part in name.split() if len(part) >= SHORTEST_NAME)
    return [*sorted(whole, key=len, reverse=True), *sorted(parts, key=len, reverse=True)]

"""The demo shop's catalogue and its gift cards."""

from __future__ import annotations

import re
import sqlite3
from datetime import date
from typing import Final

from actions.shop import sqlite_reads as reads
from actions.shop.errors import GiftCardNotFound
from actions.shop.model import GiftCard, Product

Connection = sqlite3.Connection

MOST_FOUND: Final = 10
_WORD: Final = re.compile(r"[a-z0-9]+")


def find_products(connection: Connection, words: str) -> tuple[Product, ...]:
    """Products whose name or number holds the words; those that hold the most of them. The shorter name is the better
    fit: "kettle" means the kettle before the travel kettle."""
    wanted = set(_WORD.findall(words.lower()))
    rows = connection.execute("SELECT p.*, s.quantity FROM products p JOIN stock s USING (sku)").fetchall()
    hits = {row["sku"]: len(wanted.intersection(_names(row))) for row in rows}
    most = max(hits.values(), default=0)
    best = sorted(
        (row for row in rows if most and hits[row["sku"]] == most), key=lambda row: (len(row["name"]), row["name"])
    )
    return tuple(
        Product(row["sku"], row["name"], reads.pounds(row["pence"]), row["quantity"], reads.day(row["back_on"]))
        for row in best[:MOST_FOUND]
    )


def _names(row: sqlite3.Row) -> set[str]:
    """The words of a product's name, and the parts of its number."""
    return {*_WORD.findall(row["name"].lower()), *_WORD.findall(row["sku"].lower())}


def gift_card(connection: Connection, number: str) -> GiftCard:
    """A gift card. Raises ``GiftCardNotFound``."""
    row = connection.execute("SELECT * FROM gift_cards WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise GiftCardNotFound
    return GiftCard(row["number"], reads.pounds(row["pence"]), date.fromisoformat(row["valid_until"]))

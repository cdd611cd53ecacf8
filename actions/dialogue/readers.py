"""Which reader understands the answer to which question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from actions.dialogue import answers
from actions.dialogue.days import named_day
from actions.dialogue.turn import Option, Turn

Reader = Callable[[Turn, Sequence[Option]], object | None]

MOST_ITEMS: Final = 20
MOST_MONTHS: Final = 3


def _entity_or(entity: str, read: Callable[[str], object | None]) -> Reader:
    def reader(turn: Turn, options: Sequence[Option]) -> object | None:
        found = turn.entities.get(entity)
        return (read(found) if found else None) or read(turn.text) or answers.choice(turn.text, options)

    return reader


def _text(read: Callable[[str], object | None]) -> Reader:
    return lambda turn, _: read(turn.text)


def _whole_number(most: int) -> Reader:
    def reader(turn: Turn, _: Sequence[Option]) -> object | None:
        return answers.whole_number(turn.entities.get("choice", turn.text), most=most)

    return reader


def _choice(turn: Turn, options: Sequence[Option]) -> object | None:
    pressed = turn.entities.get("choice")
    if pressed is not None:
        return pressed if any(option.value == pressed for option in options) else None
    return answers.choice(turn.text, options)


def _day(turn: Turn, options: Sequence[Option]) -> object | None:
    """A day as its ISO form: one of the days on the buttons, or any other that is named."""
    named = None if turn.pressed else named_day(turn.text, turn.today)
    return named.isoformat() if named is not None else _choice(turn, options)


def _product(turn: Turn, options: Sequence[Option]) -> object | None:
    """One of the products that were offered, else the name of a product; a question about something else is none."""
    named = _choice(turn, options) or turn.entities.get("product")
    return named or (None if turn.intent == "faq" else answers.free_text(turn.text))


def _yes_or_no(*wanted: str) -> Reader:
    agrees = frozenset(wanted)

    def reader(turn: Turn, _: Sequence[Option]) -> object | None:
        if turn.pressed:
            return {"affirm": True, "deny": False}.get(turn.intent)
        said = answers.yes_or_no(turn.text, agrees)
        if said is None and not answers.DOUBT.intersection(answers.words_of(turn.text)):
            return {"affirm": True, "deny": False}.get(turn.intent)
        return said

    return reader


_plain_yes_or_no = _yes_or_no()


def _helped(turn: Turn, options: Sequence[Option]) -> object | None:
    if turn.intent == "resolution_worked":
        return True
    if turn.intent in ("resolution_failed", "not_helpful"):
        return False
    said = _plain_yes_or_no(turn, options)
    if said is None and turn.intent in ("troubleshoot_device", "report_problem_item"):
        return False  # describing the fault again says that it is still there
    return said


READERS: Final[dict[str, Reader]] = {
    "order_number": _entity_or("order_number", answers.order_number),
    "invoice_number": _entity_or("invoice_number", answers.invoice_number),
    "gift_card_number": _entity_or("gift_card_number", answers.gift_card_number),
    "email": _entity_or("email", answers.email),
    "item": _choice,
    "change_kind": _choice,
    "problem_kind": _choice,
    "charge": _choice,
    "device": _choice,
    "owned_device": _choice,
    "wanted_product": _product,
    "delivery_day": _day,
    "symptom": _choice,
    "quantity": _whole_number(MOST_ITEMS),
    "pause_months": _whole_number(MOST_MONTHS),
    "new_address": _text(answers.address),
    "reason": _text(answers.free_text),
    "problem_description": _text(answers.free_text),
    "confirm_cancel": _yes_or_no("cancel"),
    "confirm_change": _yes_or_no("change"),
    "confirm_refund": _yes_or_no("refund"),
    "confirm_address": _yes_or_no(),
    "confirm_pause": _yes_or_no("pause"),
    "confirm_end": _yes_or_no("cancel", "end"),
    "confirm_resume": _yes_or_no("resume", "restart", "start"),
    "confirm_day": _yes_or_no("move", "change"),
    "confirm_keep": _yes_or_no("cancel", "call"),
    "wants_repair": _yes_or_no("book"),
    "step_helped": _helped,
}

CONTEXT_SLOTS: Final = frozenset({"order_number", "invoice_number", "gift_card_number", "email"})
ANSWER_SLOTS: Final = tuple(slot for slot in READERS if slot not in CONTEXT_SLOTS)
"""Answers that belong to one request and are forgotten when it is done. The others stay as context."""
